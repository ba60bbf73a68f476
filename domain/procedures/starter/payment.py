"""FIN-2 請求書受領・支払: from an invoice's arrival, through payment, to its keeping.

The order is that of the source's seven stages: 受領, 確認, 支払依頼, 記帳, 承認・実行, 消込, 保管.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, bdays_after, days, field, role, step, when

PAYMENT = Definition(
    title="請求書受領・支払",
    department=DepartmentId("finance"),
    summary="請求書の受領・照合・承認・支払・消込・保存。作成と承認は別の人が行います。",
    anchors=(anchor("received", "受領日"), anchor("payment-due", "支払期日")),
    roles=(
        role("accounting"),
        role("accounting-manager"),
        role("ordering-dept"),
        role("payment-requester", "same_as", "match"),
        role("dept-manager"),
    ),
    steps=(
        step(
            "register",
            "受領・登録",
            "accounting",
            """
            - 請求書を登録し、受け取った日を記録します。電子で受け取ったものは電子のまま保存します。
            - 同じ請求書番号・金額の登録がないことを確かめます(二重払いの防止)。
            """,
            due=days("received", 0),
            fields=(
                field("supplier", "取引先(法人名)", required=True, document="counterparty"),
                field("invoice-date", "請求書の日付", "date", required=True, document="date"),
                field("amount", "請求金額(税込・円)", "amount", required=True, document="amount"),
                field("invoice", "請求書(ファイル)", "file"),
            ),
        ),
        step(
            "tax-check",
            "適格請求書番号・税率・宛名確認",
            "accounting",
            """
            - 登録番号(T+13桁)を公表サイトで確かめ、税率ごとの金額と税額、宛名を確認します。
            - 登録がない場合は、経過措置の税区分を使います。
            """,
            after="register",
            due=bdays("received", 1),
            checklist=("登録番号", "税率ごとの金額・消費税額", "宛名・取引日"),
        ),
        step(
            "match",
            "発注・納品照合",
            "ordering-dept",
            """
            - 発注書・納品書(検収記録)・請求書の品目、数量、単価を三点で照合します。
            - 違いがあれば「差異あり」を選び、どこがどう違うかを書きます。
            """,
            # Beside the check of the tax number, which is another department's.
            after="register",
            due=bdays("received", 2),
            fields=(
                field("result", "照合の結果", "choice", "一致", "差異あり", required=True),
                field("difference", "差異の内容"),
            ),
        ),
        step(
            "reissue",
            "差異の再発行依頼",
            "ordering-dept",
            """
            - 差異があるときだけ行います。取引先に内容を伝え、請求書の再発行を依頼します。
            - 再発行された請求書を登録し直し、元の請求書は無効として残します。
            """,
            after="match",
            due=bdays_after("match", 5),
            fields=(field("corrected-amount", "再発行後の請求金額(税込・円)", "amount", document="amount"),),
            condition=when("match", "result", "is", "差異あり"),
            outside="取引先",
        ),
        step(
            "request",
            "支払依頼作成",
            "payment-requester",
            """
            - 支払先、金額、費用の負担部門、勘定科目、支払期日を書いて依頼します。
            - 支払期日が契約と法令(中小受託取引適正化法の60日以内など)に合うことを確かめます。
            """,
            after="tax-check match reissue",
            # R+3: the day after the match at R+2. Where a corrected invoice was asked for, the day after that came;
            # where it was not, that step was skipped on the day of the match. The next two follow, R+4 and R+5.
            due=bdays_after("reissue", 1),
        ),
        step(
            "approve-request",
            "上長承認",
            "dept-manager",
            """
            - 予算、発注の決裁、照合の結果を確かめて承認します。
            - 依頼した人とは別の人が承認します。
            """,
            after="request",
            due=bdays_after("request", 1),
            approval=True,
            not_by="request",
        ),
        step(
            "journal",
            "仕訳計上",
            "accounting",
            """
            - 勘定科目・税区分・計上日を確かめて仕訳を入れ、請求書と関連づけます。
            - 固定資産や前払費用にあたるものを費用にしていないか確かめます。
            """,
            after="approve-request",
            due=bdays_after("approve-request", 1),
        ),
        step(
            "transfer-data",
            "振込データ作成",
            "accounting",
            """
            - 承認済みの支払だけから振込データを作ります。
            - 振込先口座の変更は、請求書に書かれた連絡先ではなく既知の連絡先で確かめます(詐欺の防止)。
            """,
            after="journal",
            due=bdays("payment-due", -3),
            fields=(field("total", "振込合計(円)", "amount", required=True),),
        ),
        step(
            "approve-transfer",
            "振込承認",
            "accounting-manager",
            """
            - 振込データの件数・合計・口座を、支払依頼と照合して承認します。
            - 作成した人は承認できません。
            """,
            after="transfer-data",
            due=bdays("payment-due", -2),
            approval=True,
            not_by="transfer-data request",
        ),
        step(
            "transfer",
            "振込実行",
            "accounting",
            """
            - 支払期日に実行されるよう振込を確定します。期日が銀行休業日なら契約の定めに従います。
            - 証跡: 振込の受付番号または明細。
            """,
            after="approve-transfer",
            due=days("payment-due", 0),
            fields=(
                field("paid-on", "振込日", "date", required=True, document="date"),
                field("receipt", "振込の明細(ファイル)", "file"),
            ),
        ),
        step(
            "clear",
            "消込・差異調査",
            "accounting",
            """
            - 振込明細で買掛金・未払金を消し込みます。
            - 差額(振込手数料、端数、組戻し)は原因を調べて記録します。
            """,
            after="transfer",
            due=bdays("payment-due", 1),
            fields=(field("difference", "残った差額(円)", "amount"),),
        ),
        step(
            "archive",
            "電子データ保存",
            "accounting",
            """
            - 日付・金額・取引先で検索できるように保存します(電子帳簿保存法の電子取引)。
            - 訂正・削除の記録が残る場所か、事務処理規程に従った場所に置きます。
            """,
            after="clear",
            due=bdays("payment-due", 2),
            checklist=("日付で検索できる", "金額で検索できる", "取引先で検索できる"),
        ),
    ),
)
