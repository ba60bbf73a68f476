"""LEG-2 契約更新管理: go on or end, in time for the notice, counted back from the expiry.

The source has dates only; each step works on the result of the one before, up to the decision, and branches there.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, days, field, role, step, when

CONTRACT_RENEWAL = Definition(
    title="契約更新管理",
    department=DepartmentId("legal"),
    summary="満了120日前の抽出から更新・終了の決定、通知、台帳更新まで。",
    anchors=(anchor("expiry", "満了日"),),
    roles=(role("legal"), role("ordering-dept"), role("executive")),
    steps=(
        step(
            "extract",
            "対象抽出",
            "legal",
            """
            - 台帳から満了日の近い契約を抜き出し、契約書の原文で満了日・自動更新・通知期限を確かめます。
            - 台帳と原文が違えば、台帳を直します。
            """,
            due=days("expiry", -120),
            fields=(
                field("renewal", "自動更新", "choice", "あり", "なし", required=True),
                field("notice-by", "解約通知の期限(契約書の定め)", "date"),
            ),
        ),
        step(
            "ask",
            "事業部へ継続要否照会",
            "ordering-dept",
            """
            - 利用の状況、費用、代わりの取引先を踏まえ、継続するか終えるかの考えを書きます。
            """,
            after="extract",
            due=days("expiry", -100),
            fields=(
                field("wish", "事業部の希望", "choice", "継続", "条件を変えて継続", "終了", required=True),
            ),
        ),
        step(
            "terms",
            "条件見直し",
            "legal",
            """
            - 単価、期間、責任の範囲、法改正への対応など、見直す条項を事業部とまとめます。
            """,
            after="ask",
            due=days("expiry", -90),
            fields=(field("changes", "見直す条件"),),
        ),
        step(
            "notice-deadline",
            "解約通知期限確認",
            "legal",
            """
            - 通知の期限、方法(書面・到達の要否)、宛先を契約書で確かめます。
            - 契約の期限が下の通知発送の期日より早ければ、その期日を変更してください。
            """,
            after="terms",
            due=days("expiry", -75),
            fields=(field("deadline", "通知の期限", "date", required=True), field("method", "通知の方法")),
        ),
        step(
            "decide",
            "継続・終了の決定",
            "executive",
            """
            - 事業部の希望、見直しの条件、通知の期限を確かめて、継続・終了を決裁します。
            - 事業部の希望と違う決定もできます。検討が足りなければ、理由を書いて差し戻します。
            """,
            after="notice-deadline",
            due=days("expiry", -70),
            # A decision between two ways, not an approval of one: what follows depends on which, so it is a form.
            fields=(
                field("decision", "決定", "choice", "継続", "条件を変えて継続", "終了", required=True),
                field("grounds", "決定の理由"),
            ),
            not_by="ask terms",
        ),
        step(
            "send-notice",
            "解約通知の発送",
            "legal",
            """
            - 終了のときだけ行います。契約で定めた方法で送り、届いたことが分かる記録を残します。
            """,
            after="decide",
            due=days("expiry", -65),
            fields=(
                field("sent-on", "発送日", "date", required=True),
                field("proof", "発送・到達の記録(ファイル)", "file"),
            ),
            condition=when("decide", "decision", "is", "終了"),
        ),
        step(
            "memorandum",
            "覚書レビュー",
            "legal",
            """
            - 継続のときだけ行います。変えた条件が覚書に正しく書かれているかを確かめます。
            - 元の契約のどの条項を変えるのかが、覚書だけで分かるようにします。
            """,
            after="decide",
            due=days("expiry", -45),
            condition=when("decide", "decision", "is_not", "終了"),
        ),
        step(
            "sign",
            "更新の締結",
            "legal",
            """
            - 継続のときだけ行います。決裁された内容と同じ版であることを確かめて締結します。
            """,
            after="memorandum",
            due=days("expiry", -20),
            fields=(field("signed-on", "締結日", "date"),),
            condition=when("decide", "decision", "is_not", "終了"),
        ),
        step(
            "ledger",
            "台帳更新",
            "legal",
            """
            - 新しい満了日と通知期限、または終了したことを台帳に記録します。
            - 継続した契約は、次の更新管理を予定します。
            """,
            after="sign send-notice",
            due=days("expiry", -15),
            fields=(field("next-expiry", "次の満了日", "date"),),
        ),
    ),
)
