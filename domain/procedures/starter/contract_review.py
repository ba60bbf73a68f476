"""LEG-1 契約審査: from a department's request to the contract's keeping.

The source has dates only; the order is that of its stages, each working on the result of the one before.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, bdays_after, days, field, role, step, when

CONTRACT_REVIEW = Definition(
    title="契約審査",
    department=DepartmentId("legal"),
    summary="審査の依頼、レビュー、交渉、締結、台帳登録と保管。1,000万円以上は法務責任者も確認します。",
    anchors=(anchor("requested", "依頼日"),),
    roles=(
        role("requester", "starter"),
        role("legal"),
        role("legal-manager"),
        role("general-affairs"),
        role("executive"),
    ),
    steps=(
        step(
            "request",
            "審査依頼",
            "requester",
            """
            - 取引の目的、相手先、金額、希望日、雛形の有無を書き、契約書案を添えます。
            - 相手方の案か自社の雛形かで審査の日数が変わります。
            """,
            due=days("requested", 0),
            fields=(
                field("counterparty", "相手先(法人名)", required=True, document="counterparty"),
                field(
                    "kind",
                    "契約類型",
                    "choice",
                    "業務委託",
                    "売買",
                    "秘密保持",
                    "ライセンス",
                    "賃貸借",
                    "その他",
                    required=True,
                ),
                field("amount", "契約金額(円、総額の見込み)", "amount", required=True, document="amount"),
                field("wanted-on", "締結希望日", "date"),
                field("template", "雛形の有無", "choice", "自社雛形", "相手方書式", "なし"),
                field("draft", "契約書案(ファイル)", "file"),
            ),
        ),
        step(
            "intake",
            "受付・不足確認・担当割当",
            "legal",
            """
            - 依頼の内容と資料がそろっているかを確かめ、足りなければ差し戻します。
            - 難易度と手持ちの件数を見て担当を決めます(平準化)。
            """,
            after="request",
            due=bdays("requested", 1),
            fields=(field("difficulty", "難易度", "choice", "定型", "標準", "複雑"),),
        ),
        step(
            "screening",
            "反社・与信確認",
            "general-affairs",
            """
            - 反社会的勢力との関係を所定の方法で調べ、結果と調べた日を残します。
            - 与信が必要な取引は、経理に限度額を確認します。
            """,
            after="intake",
            due=bdays("requested", 2),
            checklist=("反社チェック", "与信の確認(必要な場合)"),
        ),
        step(
            "answer-date",
            "回答納期設定",
            "legal",
            """
            - 希望日と難易度から回答日を決め、依頼者に伝えます。
            """,
            after="intake",
            due=bdays("requested", 1),
            fields=(field("answer-on", "回答予定日", "date", required=True),),
        ),
        step(
            "first-review",
            "一次レビュー",
            "legal",
            """
            - 責任の範囲、損害賠償、知的財産、秘密保持、個人情報、解除、準拠法・管轄を確かめます。
            - 印紙の要否、下請・委託に関する法令の適用も確かめます。
            """,
            after="answer-date",
            due=bdays("requested", 4),
            fields=(field("review", "レビュー結果(ファイル)", "file"),),
        ),
        step(
            "answer",
            "論点返却・事業部回答",
            "requester",
            """
            - 法務が示した論点ごとに、受け入れる・修正を求める・取引条件を変える、のどれかを答えます。
            - 受け入れるリスクは、その理由を書きます。
            """,
            after="first-review",
            due=bdays("requested", 6),
            fields=(field("answer", "論点への回答", required=True),),
        ),
        step(
            "second-review",
            "二次レビュー",
            "legal-manager",
            """
            - 契約金額が1,000万円以上のときだけ行います。
            - 一次レビューの論点と事業部の回答を確かめて承認します。一次レビューをした人はできません。
            """,
            after="answer",
            due=bdays("requested", 7),
            approval=True,
            not_by="first-review",
            condition=when("request", "amount", "at_least", "10000000"),
        ),
        step(
            "negotiate",
            "相手方提示・交渉",
            "requester",
            """
            - 修正案を相手方に示します。相手の修正が返るたびに、論点を法務に戻して繰り返します。
            - 期日は定めません。版ごとに、いつ誰が何を求めたかをコメントに残します。
            """,
            after="second-review",
            outside="相手方",
        ),
        step(
            "final-version",
            "最終版確定",
            "legal",
            """
            - 合意した内容がすべて反映され、知らない変更がないことを版の比較で確かめます。
            - 別紙、日付、当事者の表示、署名者の権限を確かめます。
            """,
            after="negotiate",
            due=bdays("requested", 10),
            fields=(field("final", "最終版(ファイル)", "file", required=True),),
        ),
        step(
            "approve-signing",
            "締結承認",
            "executive",
            """
            - 職務権限規程の決裁者が、審査の結果と受け入れるリスクを確かめて承認します。
            """,
            # Nothing is signed with someone who was not screened; reviewing and negotiating need not wait for it.
            after="final-version screening",
            due=bdays_after("final-version", 1),
            approval=True,
            not_by="request final-version",
        ),
        step(
            "sign",
            "押印・電子署名",
            "general-affairs",
            """
            - 承認された最終版と同じものであることを確かめてから、押印または電子署名をします。
            - 押印簿に記録し、相手方への送付と返送を管理します。
            """,
            after="approve-signing",
            due=bdays_after("final-version", 2),
            fields=(
                field("method", "方法", "choice", "押印", "電子署名", required=True),
                field("signed-on", "締結日", "date", required=True, document="date"),
            ),
        ),
        step(
            "ledger",
            "台帳登録",
            "legal",
            """
            - 満了日、自動更新の有無、解約通知の期限を台帳に登録します。
            - 更新管理(LEG-2)の案件を、満了日を基準日として予定します。
            """,
            after="sign",
            due=bdays_after("final-version", 3),
            fields=(
                field("expires-on", "満了日", "date"),
                field("renewal", "自動更新", "choice", "あり", "なし", required=True),
                field("notice-by", "解約通知の期限", "date"),
            ),
        ),
        step(
            "archive",
            "原本・データ保管",
            "legal",
            """
            - 紙の原本は所定の場所に、電子契約は署名の検証ができる形で保管します。
            - 証跡: 保管場所とファイルのハッシュ。
            """,
            after="sign",
            due=bdays_after("final-version", 3),
            fields=(field("signed", "締結済みの契約書(ファイル)", "file"), field("place", "保管場所")),
        ),
    ),
)
