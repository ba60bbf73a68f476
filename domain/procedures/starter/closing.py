"""FIN-1 月次決算: eight business days from the end of the month to the lock.

Where the source names nothing to wait for, a step waits for the announcement that the closing begins.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, field, role, step

CLOSING = Definition(
    title="月次決算",
    department=DepartmentId("finance"),
    summary="月末3営業日前の締め連絡から、翌月8営業日の月次ロックまで。",
    anchors=(anchor("month-end", "月末"),),
    roles=(role("accounting"), role("labor"), role("accounting-manager"), role("cfo")),
    steps=(
        step(
            "announce",
            "締め連絡",
            "accounting",
            """
            - 各部門へ、請求書・経費精算・検収の締切日と提出先を知らせます。
            - 前月に遅れた部門には個別に声をかけます。
            """,
            due=bdays("month-end", -3),
        ),
        step(
            "cash",
            "現預金残高照合",
            "accounting",
            """
            - 預金は銀行の残高証明または明細、現金は実査の記録と帳簿残高を照合します。
            - 差額は原因が分かるまで仮勘定で消しません。証跡: 残高の写し。
            """,
            after="announce",
            due=bdays("month-end", 1),
            fields=(
                field("difference", "差額(円)", "amount", required=True),
                field("statement", "残高の写し(ファイル)", "file"),
            ),
        ),
        step(
            "sales",
            "売上計上・請求書発行確認",
            "accounting",
            """
            - 出荷・検収・役務提供の記録と売上を突き合わせ、計上漏れと期ずれを確かめます。
            - 発行した請求書の控えと売上の合計が一致することを確かめます。
            """,
            after="announce",
            due=bdays("month-end", 2),
        ),
        step(
            "payables",
            "受領請求書の締め・買掛計上",
            "accounting",
            """
            - 届いた請求書を計上し、納品済みで未着の請求は見積りで計上します。
            - 前月の見積計上を洗い替えます。
            """,
            after="announce",
            due=bdays("month-end", 3),
        ),
        step(
            "expenses",
            "経費精算締め",
            "accounting",
            """
            - 申請と領収書、承認の有無、勘定科目と税区分を確かめて計上します。
            - 未申請の立替金がないかを、法人カードの明細からも確かめます。
            """,
            after="announce",
            due=bdays("month-end", 3),
        ),
        step(
            "inventory",
            "棚卸・原価",
            "accounting",
            """
            - 実地または帳簿の棚卸高を確定し、売上原価を計算します。
            - 棚卸差異は数量と理由を記録します。
            """,
            after="announce",
            due=bdays("month-end", 3),
        ),
        step(
            "suspense",
            "仮払・仮受の整理",
            "accounting",
            """
            - 仮払金・仮受金・立替金の相手と内容を確かめ、正しい科目へ振り替えます。
            - 3か月以上残るものは理由と解消の予定を書きます。
            """,
            after="cash",
            due=bdays("month-end", 4),
        ),
        step(
            "adjustments",
            "減価償却・引当・経過勘定",
            "accounting",
            """
            - 月割の減価償却費、賞与などの引当金、前払・未払を計上します。
            - 新しい固定資産と除却が台帳に反映されていることを確かめます。
            """,
            after="announce",
            due=bdays("month-end", 4),
            checklist=("減価償却費", "引当金", "前払・未払・前受・未収"),
        ),
        step(
            "payroll",
            "給与・社会保険料の計上",
            "labor",
            """
            - 給与台帳から給与・賞与・会社負担の社会保険料を計上する資料を作り、経理に渡します。
            - 預り金の残高が、納付予定額と一致することを確かめます。
            """,
            after="announce",
            due=bdays("month-end", 4),
        ),
        step(
            "trial-balance",
            "試算表作成",
            "accounting",
            """
            - すべての計上が終わったことを確かめ、試算表を作ります。
            - 貸借の一致、補助元帳との一致、異常な残高(負の残高など)を確かめます。
            """,
            after="sales payables expenses inventory suspense adjustments payroll",
            due=bdays("month-end", 5),
            fields=(field("trial-balance", "試算表(ファイル)", "file"),),
        ),
        step(
            "analysis",
            "前月比・予実差異分析",
            "accounting",
            """
            - 前月・前年同月・予算と比べ、大きな増減の理由を勘定科目ごとに書きます。
            - 説明できない増減は、計上の誤りを疑って元の資料に戻ります。
            """,
            after="trial-balance",
            due=bdays("month-end", 5),
            fields=(field("findings", "主な増減と理由"),),
        ),
        step(
            "review",
            "月次レビュー",
            "accounting-manager",
            """
            - 試算表と分析を、作成者以外が確かめて承認します。
            - 見積りの根拠、期ずれ、仮勘定の残りに納得できなければ理由を書いて差し戻します。
            """,
            after="analysis",
            due=bdays("month-end", 6),
            approval=True,
            not_by="trial-balance analysis",
        ),
        step(
            "report",
            "月次報告書提出",
            "accounting-manager",
            """
            - 損益、資金、予算との差、翌月以降の見込みをまとめ、経営へ提出します。
            - 提出後に直した数字があれば、何をなぜ直したかを添えます。
            """,
            after="review",
            due=bdays("month-end", 7),
            fields=(field("report", "月次報告書(ファイル)", "file"),),
        ),
        step(
            "lock",
            "月次ロック",
            "cfo",
            """
            - 会計システムの当月を締め、以後の入力ができないことを確かめて承認します。
            - 締めたあとの訂正は翌月で行うか、理由と承認を残して締めを解きます。
            """,
            after="report",
            due=bdays("month-end", 8),
            approval=True,
            not_by="trial-balance report",
        ),
    ),
)
