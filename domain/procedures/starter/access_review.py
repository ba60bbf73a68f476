"""IT-2 アカウント棚卸: who may do what, compared with who is there, at the end of each quarter.

The source has dates only; a step waits for the one whose result it works on.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, field, role, step

ACCESS_REVIEW = Definition(
    title="アカウント棚卸",
    department=DepartmentId("it"),
    summary="四半期末のIDと権限を抽出し、人事マスタと突き合わせ、部門長の確認を経て是正します。",
    anchors=(anchor("quarter-end", "四半期末"),),
    roles=(role("it"), role("dept-manager"), role("ciso"), role("internal-control")),
    steps=(
        step(
            "scope",
            "対象システム・責任者確定",
            "it",
            """
            - 対象のシステム、抽出の方法、部門ごとの責任者を一覧にします。
            - 前回から増えたシステムと、外部委託先のアカウントを漏らさないようにします。
            """,
            due=bdays("quarter-end", -10),
            fields=(field("systems", "対象システムの数", "number", required=True),),
        ),
        step(
            "extract",
            "ID/権限一覧の抽出",
            "it",
            """
            - システムごとにIDと権限を抽出し、抽出者・日時・抽出条件を記録します。
            - 完全性: システムの画面に出る件数と、抽出した件数が一致することを確かめます。
            """,
            after="scope",
            due=bdays("quarter-end", 1),
            fields=(
                field("count", "抽出したIDの数", "number", required=True),
                field("list", "抽出した一覧(ファイル)", "file", required=True),
                field("complete", "システムの件数と一致した", "check", required=True),
            ),
        ),
        step(
            "compare",
            "人事マスタと突合",
            "it",
            """
            - 在籍・異動・退職の情報と突き合わせ、持ち主のいないIDと異動前の権限を探します。
            - 人事マスタの基準日を記録します。
            """,
            after="extract",
            due=bdays("quarter-end", 3),
            checklist=("退職者のID", "異動者の旧権限", "持ち主の分からないID"),
        ),
        step(
            "findings",
            "差異・長期未使用・共有/特権ID抽出",
            "it",
            """
            - 差異のあるID、90日以上使われていないID、共有ID、特権IDを一覧にします。
            - 特権IDは、利用の申請と操作の記録があるかを確かめます。
            """,
            after="compare",
            due=bdays("quarter-end", 4),
            fields=(field("findings", "要確認の件数", "number", required=True),),
        ),
        step(
            "ask-managers",
            "部門長レビュー依頼",
            "it",
            """
            - 部門ごとの一覧を、回答の期限と判断の基準(要・不要・変更)を添えて部門長に送ります。
            """,
            after="findings",
            due=bdays("quarter-end", 5),
        ),
        step(
            "manager-review",
            "部門長回答",
            "dept-manager",
            """
            - 部門の一人ひとりについて、今の仕事に必要な権限だけかを確かめて承認します。
            - 「全員そのまま」で済ませず、特権と共有IDは理由を確かめます。
            """,
            after="ask-managers",
            due=bdays("quarter-end", 10),
            approval=True,
            not_by="extract",
        ),
        step(
            "escalate",
            "未回答督促・エスカレーション",
            "it",
            """
            - 回答のない部門に督促し、それでもなければCISOに上げます。
            - 証跡: 督促の日と相手、最後まで回答のなかった部門。
            """,
            after="ask-managers",
            due=bdays("quarter-end", 12),
            fields=(field("unanswered", "未回答の部門の数", "number", required=True),),
        ),
        step(
            "correct",
            "削除・権限変更の実施",
            "it",
            """
            - 回答のとおりにIDを止め、権限を変えます。IDごとに実施した日時を残します。
            - 業務が止まるおそれのあるものは、責任者と時間を合わせて行います。
            """,
            after="manager-review",
            due=bdays("quarter-end", 15),
            fields=(field("corrected", "是正した件数", "number", required=True),),
        ),
        step(
            "verify",
            "実施結果の再抽出で確認",
            "it",
            """
            - 実施した人とは別の人が、もう一度抽出し、指示どおりになったことを確かめます。
            - 残っているものは実施へ差し戻すか、例外として次に回します。
            """,
            after="correct",
            due=bdays("quarter-end", 17),
            fields=(field("list", "再抽出した一覧(ファイル)", "file", required=True),),
            not_by="correct",
        ),
        step(
            "exceptions",
            "例外の承認と期限設定",
            "ciso",
            """
            - 残す例外について、理由、代わりの管理策、見直しの期限を確かめて承認します。
            - 期限のない例外は認めません。
            """,
            after="verify",
            due=bdays("quarter-end", 18),
            approval=True,
            not_by="correct verify",
        ),
        step(
            "report",
            "結果報告・証跡保管",
            "internal-control",
            """
            - 抽出、回答、是正、再抽出、例外の証跡がつながっていることを確かめて承認します。
            - 証跡を監査の保存期間にわたり、変えられない場所に保管します。
            """,
            # The last word: its evidence holds who never answered as well.
            after="exceptions escalate",
            due=bdays("quarter-end", 20),
            approval=True,
            not_by="extract correct verify",
        ),
    ),
)
