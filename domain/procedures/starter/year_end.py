"""HR-3 年末調整: from who is concerned to the reports of January, counted from 31 December.

The source has dates only. A step waits for the one whose result it works on, and for no other.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, days, field, role, step

YEAR_END = Definition(
    title="年末調整",
    department=DepartmentId("hr"),
    summary="10月の対象者確認から翌年1月末の法定調書・給与支払報告書まで。従業員ごとの明細は添付の一覧で管理します。",
    anchors=(anchor("year-end", "年末(12月31日)"),),
    roles=(role("labor"), role("accounting")),
    steps=(
        step(
            "employees",
            "対象者確認",
            "labor",
            """
            - 在籍者、年内の入退社者、休職者、2か所給与の人を一覧にし、対象・対象外を決めます。
            - 前職のある人は、前職の源泉徴収票が必要です。
            """,
            due=days("year-end", -87),
            fields=(
                field("count", "対象者数", "number", required=True),
                field("list", "対象者一覧(ファイル)", "file"),
            ),
        ),
        step(
            "prepare-forms",
            "申告書・案内準備",
            "labor",
            """
            - その年の様式と改正点を国税庁の資料で確認し、記入例と提出期限を案内文にまとめます。
            - 電子申告を使う場合は、本人確認の方法と問合せ先を案内に入れます。
            """,
            after="employees",
            due=days("year-end", -77),
        ),
        step(
            "hand-out",
            "申告書の配布",
            "labor",
            """
            - 対象者全員に配布し、届いていない人がいないことを一覧で確かめます。
            """,
            after="prepare-forms",
            due=days("year-end", -72),
        ),
        step(
            "collect",
            "申告書の回収",
            "labor",
            """
            - 従業員から申告書と控除証明書を受け取り、一覧に受領日を付けます。
            - 他人の目に触れない方法で受け取り、鍵のある場所または権限を絞った場所に置きます。
            """,
            after="hand-out",
            due=days("year-end", -46),
            fields=(field("received", "回収済みの人数", "number", required=True),),
            outside="全従業員",
        ),
        step(
            "remind",
            "未提出者督促",
            "labor",
            """
            - 未提出者に個別に連絡し、最終期限と、提出がない場合の扱いを伝えます。
            - 証跡: 督促した日と人数。
            """,
            # While papers still come in: who waits for the end of the collection reminds nobody.
            after="hand-out",
            due=days("year-end", -41),
            fields=(field("missing", "未提出の人数", "number"),),
        ),
        step(
            "verify",
            "内容確認・控除証明照合",
            "labor",
            """
            - 扶養・配偶者の所得見積額、保険料控除の証明書、住宅ローン控除の残高証明を申告書と照合します。
            - 訂正は本人に確認し、訂正した日と理由を残します。
            """,
            after="collect",
            due=days("year-end", -31),
            checklist=("扶養・配偶者", "保険料控除証明書", "住宅借入金等特別控除", "前職の源泉徴収票"),
        ),
        step(
            "calculate",
            "年税額計算",
            "labor",
            """
            - 12月給与・賞与を含む年間の支給額と控除額を集計し、年税額と過不足額を計算します。
            - 過不足額が大きい人は、前年と比べて理由を確かめます。
            """,
            after="verify",
            due=days("year-end", -21),
            fields=(field("result", "計算結果の一覧(ファイル)", "file"),),
        ),
        step(
            "calculation-check",
            "計算の第二者確認",
            "accounting",
            """
            - 計算者以外が、税額表・改正点の反映、対象者数、合計額を再計算で確かめます。
            - 抜き取りで数名分を申告書までさかのぼって照合し、誤りがあれば差し戻します。
            """,
            after="calculate",
            due=days("year-end", -16),
            approval=True,
            not_by="calculate verify",
        ),
        step(
            "settle",
            "12月給与で過不足精算",
            "labor",
            """
            - 還付・徴収を12月給与に反映し、給与明細に年末調整の額を示します。
            - 証跡: 過不足額の合計と給与台帳の一致。
            """,
            after="calculation-check",
            due=days("year-end", -6),
            fields=(field("net", "過不足額の合計(円、還付は負)", "amount"),),
        ),
        step(
            "withholding-slips",
            "源泉徴収票交付",
            "labor",
            """
            - 全員に源泉徴収票を交付します。電子交付は本人の承諾がある場合だけです。
            - 交付する票にマイナンバーを載せません。
            """,
            after="settle",
            due=days("year-end", 31, law="所得税法226条1項(翌年1月31日まで)"),
        ),
        step(
            "pay-tax",
            "源泉所得税の納付",
            "labor",
            """
            - 年末調整の過不足を納付書に反映して納付します。納付額が0円でも納付書は提出します。
            - 納期の特例の承認を受けている場合は1月20日までです。このステップの期日を変更してください。
            """,
            after="settle",
            due=days("year-end", 10, law="所得税法183条1項(翌月10日まで。納期の特例は同216条で1月20日まで)"),
            fields=(
                field("paid", "納付額(円)", "amount", required=True),
                field("paid-on", "納付日", "date", required=True),
            ),
        ),
        step(
            "statutory-reports",
            "法定調書合計表提出",
            "labor",
            """
            - 給与・退職・報酬・不動産の支払調書を集計し、合計表とともに税務署へ提出します。
            - 証跡: 電子申告の受付番号。
            """,
            after="settle",
            due=days("year-end", 31, law="所得税法225条1項・226条1項(翌年1月31日まで)"),
            fields=(field("receipt", "受付番号"),),
        ),
        step(
            "payroll-reports",
            "給与支払報告書提出",
            "labor",
            """
            - 1月1日の住所地の市区町村へ提出します。年内の退職者の分も確かめます。
            - 普通徴収にする人は、切替理由書を添えます。
            """,
            after="settle",
            due=days("year-end", 31, law="地方税法317条の6第1項(1月31日まで)"),
            fields=(field("receipt", "受付番号"),),
        ),
        step(
            "archive",
            "書類保管・次年度扶養控除申告書",
            "labor",
            """
            - 申告書を7年間保管できる場所に移し、閲覧できる人を確かめます。
            - 次年度の扶養控除等申告書は、翌年最初の給与の支払日の前日までに受け取っておきます。
            """,
            after="settle",
            due=days("year-end", 31),
            checklist=("申告書・証明書の保管", "次年度扶養控除等申告書の受領"),
        ),
    ),
)
