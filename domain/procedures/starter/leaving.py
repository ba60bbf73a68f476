"""HR-2 退職手続き: from the notice to the evidence that every account is closed.

Where the source names nothing to wait for, a step waits for the leaving date: the others count from it.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, days, field, role, step

LEAVING = Definition(
    title="退職手続き",
    department=DepartmentId("hr"),
    summary="退職届の受領から、引継ぎ、保険・税の届出、アカウント停止の証跡確認まで。",
    confidential=True,
    anchors=(anchor("notice", "退職届の受領日"), anchor("leaving", "退職日")),
    roles=(
        role("dept-manager"),
        role("hr"),
        role("labor"),
        role("successor"),
        role("it"),
        role("general-affairs"),
        role("internal-control"),
    ),
    steps=(
        step(
            "notice",
            "退職届受領",
            "dept-manager",
            """
            - 退職届の日付、退職希望日、署名を確認し、受領したことを承認で残します。
            - 引き止めや条件の話し合いの内容は、ここには書きません。
            """,
            due=bdays("notice", 1),
            approval=True,
        ),
        step(
            "leaving-date",
            "退職日確定・関係部署通知",
            "hr",
            """
            - 就業規則と年次有給休暇の残日数を確かめ、退職日と最終出社日を確定します。
            - 労務・情シス・総務・経理へ、知る必要がある範囲だけで通知します。
            """,
            after="notice",
            due=bdays("notice", 2),
            fields=(
                field("last-day-at-work", "最終出社日", "date", required=True),
                field("reason", "退職理由(離職証明書に使うもの)", personal=True),
            ),
        ),
        step(
            "handover-plan",
            "引継ぎ計画",
            "dept-manager",
            """
            - 本人が担当する未完了ステップの一覧を出し、後任者と引継ぎ日を決めます。
            - 一覧にない仕事(口頭の約束、個人の予定表、取引先との連絡)も本人に聞き取って加えます。
            """,
            after="leaving-date",
            due=bdays("leaving", -20),
        ),
        step(
            "final-pay",
            "最終給与・住民税徴収方法の判定",
            "labor",
            """
            - 住民税は、1〜4月の退職は原則一括徴収、6〜12月は本人の希望で一括徴収か普通徴収かを決めます。
            - 5月の退職は通常どおり最終月分を徴収します。異動届出書の提出期限(翌月10日)も確認します。
            - 本人から請求があれば、賃金の支払と金品の返還は7日以内です(労働基準法23条)。
            """,
            after="leaving-date",
            due=bdays("leaving", -10),
            fields=(
                field("resident-tax", "住民税の徴収方法", "choice", "一括徴収", "普通徴収", "転職先で継続"),
            ),
        ),
        step(
            "handover",
            "担当ステップ一括引継ぎ",
            "dept-manager",
            """
            - 「引継ぎ」の操作で、担当ステップを後任者へまとめて移します。
            - 残りが0件であることを確認してから完了します。移せないものは個別に担当を替えます。
            """,
            after="handover-plan",
            due=bdays("leaving", -5),
            fields=(field("nothing-left", "未完了の担当ステップが0件である", "check", required=True),),
        ),
        step(
            "handover-check",
            "引継ぎ完了確認",
            "successor",
            """
            - 後任者が、資料の場所、進行中の案件、取引先の連絡先を確かめて承認します。
            - 分からないことが残っていれば、退職日までに聞けるよう理由を書いて差し戻します。
            """,
            after="handover",
            due=bdays("leaving", -3),
            approval=True,
            not_by="handover",
        ),
        step(
            "return-devices",
            "貸与PC・備品回収",
            "it",
            """
            - 貸与台帳と突き合わせ、PC・スマートフォン・媒体・付属品を回収します。
            - データの保全が必要かを確かめるまで初期化しません。
            """,
            after="leaving-date",
            due=days("leaving", 0),
            checklist=("PC本体と付属品", "スマートフォン・SIM", "外部媒体・認証トークン"),
        ),
        step(
            "return-keys",
            "入館証・鍵・名刺回収",
            "general-affairs",
            """
            - 貸与簿の番号と現物を照合して回収し、入館証はその場で無効にします。
            - 本人の名刺と、業務で受け取った名刺を回収します。
            """,
            after="leaving-date",
            due=days("leaving", 0),
            checklist=("入館証", "鍵", "名刺"),
        ),
        step(
            "return-insurance",
            "健康保険証・資格確認書の回収",
            "labor",
            """
            - 本人と被扶養者の分の「健康保険証・資格確認書」を回収します。手元にない場合は理由を記録します。
            - 任意継続は資格喪失日から20日以内に本人が申請すること、国民健康保険への切替を案内します。
            """,
            after="leaving-date",
            due=days("leaving", 0),
            fields=(
                field(
                    "collected", "回収の状況", "choice", "回収済み", "交付なし", "紛失届あり", required=True
                ),
            ),
        ),
        step(
            "close-accounts",
            "全アカウント停止",
            "it",
            """
            - 退職日から24時間以内に、社内・SaaS・VPN・API鍵・共有アカウントのパスワードまで停止します。
            - システムごとに停止した日時を記録します。「いつ止めたか」が証跡です。
            """,
            # Never for a computer that does not come back: access ends within 24 hours.
            after="leaving-date",
            due=days("leaving", 1),
            checklist=(
                "認証基盤(SSO)",
                "メール・グループウェア",
                "SSOの外のSaaS",
                "VPN・社内ネットワーク",
                "API鍵・共有アカウント",
            ),
            fields=(field("evidence", "停止日時の一覧(ファイル)", "file", required=True),),
        ),
        step(
            "social-insurance",
            "社会保険 資格喪失届",
            "labor",
            """
            - 資格喪失日は退職日の翌日です。期限は、翌日を1日目と数えた早いほうで示しています。
            - 回収した「健康保険証・資格確認書」を添えるか、回収できない旨の届を添えます。
            """,
            # Not for the card: where it is missing, a note goes with the report.
            after="leaving-date",
            due=days("leaving", 5, law="健康保険法施行規則29条・厚生年金保険法施行規則22条(5日以内)"),
            fields=(field("receipt", "到達番号・受付番号"),),
        ),
        step(
            "employment-insurance",
            "雇用保険 資格喪失届・離職証明書",
            "labor",
            """
            - 離職理由と賃金の記載を本人に確認してもらい、異議の有無を記録します。
            - 期限は、退職日の翌日を1日目と数えた早いほうで示しています。
            """,
            after="leaving-date",
            due=days("leaving", 10, law="雇用保険法施行規則7条(10日以内)"),
            fields=(field("receipt", "到達番号・受付番号"),),
        ),
        step(
            "separation-papers",
            "離職票等送付",
            "labor",
            """
            - 離職票、資格喪失の確認通知書などを、本人が届け出た住所へ記録の残る方法で送ります。
            - 証跡: 追跡番号。
            """,
            after="employment-insurance",
            due=days("leaving", 14),
            fields=(
                field("address", "送付先住所", personal=True),
                field("tracking", "追跡番号"),
            ),
        ),
        step(
            "withholding-slip",
            "源泉徴収票交付",
            "labor",
            """
            - 最終給与までを集計し、退職手当があればその源泉徴収票も交付します。
            - 電子交付は本人の承諾がある場合だけです。
            """,
            after="leaving-date",
            due=days("leaving", 1, "months", law="所得税法226条1項(退職の日以後1月以内)"),
        ),
        step(
            "evidence-review",
            "停止証跡の監査確認",
            "internal-control",
            """
            - 停止日時の一覧を、システム側の記録と突き合わせ、退職日から24時間以内であることを確かめます。
            - 遅れや漏れがあれば、その間の利用記録を確かめるよう理由を書いて差し戻します。
            """,
            after="close-accounts",
            due=bdays("leaving", 10),
            approval=True,
            not_by="close-accounts",
        ),
    ),
)
