"""IT-1 PCキッティング: from a request to the user's receipt, counted from the first day of use.

The source has dates only; the order is that of the work on one machine.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, days, field, role, step, when

PC_SETUP = Definition(
    title="PCキッティング",
    department=DepartmentId("it"),
    summary="機種の決定から設定、作業者以外による動作確認、引渡し、台帳更新まで。",
    anchors=(anchor("use-from", "利用開始日"),),
    roles=(role("it"), role("it-manager")),
    steps=(
        step(
            "request",
            "依頼・機種決定",
            "it",
            """
            - 利用者の業務に合う標準機種を選び、在庫から充てるか購入するかを決めます。
            - 在庫から充てるときは、購入見込額を0円にします。
            """,
            due=days("use-from", -14),
            fields=(
                field("model", "機種", required=True),
                field("source", "調達", "choice", "在庫", "購入", required=True),
                field("price", "購入見込額(税込・円)", "amount", required=True),
            ),
        ),
        step(
            "approve-purchase",
            "発注の承認",
            "it-manager",
            """
            - 購入見込額が10万円以上のときだけ行います。機種、価格、予算、固定資産の扱いを確かめます。
            - 10万円未満と在庫からの引当ては、承認なしで在庫引当・発注へ進みます。
            """,
            after="request",
            due=days("use-from", -13),
            approval=True,
            not_by="request",
            condition=when("request", "price", "at_least", "100000"),
        ),
        step(
            "order",
            "在庫引当・発注",
            "it",
            """
            - 在庫から充てるときは、その1台を引き当てて台帳に印を付けます。
            - 購入するときは、承認された機種と金額で発注し、納期が受入の期日に間に合うことを確かめます。
            """,
            # Apart from its approval, which falls away below 100,000 yen; this never does.
            after="approve-purchase",
            due=days("use-from", -13),
            fields=(field("order-number", "発注番号・引当番号"), field("arrives-on", "納品予定日", "date")),
        ),
        step(
            "receive",
            "受入・外観/初期不良確認",
            "it",
            """
            - 届いた、または引き当てた機器の型番・数量・外観・起動を確かめます。
            - 初期不良は交換の期限内に業者へ連絡します。
            """,
            after="order",
            due=bdays("use-from", -5),
            checklist=("型番・数量", "外観・付属品", "起動・初期不良"),
        ),
        step(
            "asset-number",
            "資産番号付与・台帳登録",
            "it",
            """
            - 資産番号を付けてラベルを貼り、製造番号・購入日・保証期限を台帳に登録します。
            """,
            after="receive",
            due=bdays("use-from", -5),
            fields=(
                field("asset-number", "資産番号", required=True),
                field("serial", "製造番号", required=True),
            ),
        ),
        step(
            "os",
            "OS更新・ディスク暗号化",
            "it",
            """
            - OSとファームウェアを最新にし、ディスクを暗号化します。
            - 回復キーが管理基盤に保管されたことを確かめます。キーをここに書きません。
            """,
            after="asset-number",
            due=bdays("use-from", -4),
            checklist=("OS・ファームウェアの更新", "ディスク暗号化", "回復キーの保管"),
        ),
        step(
            "mdm",
            "MDM/EDR登録",
            "it",
            """
            - 端末管理(MDM)と検知・対応(EDR)に登録し、管理画面で正常な通信を確かめます。
            """,
            after="asset-number",
            due=bdays("use-from", -4),
            checklist=("MDM登録", "EDR登録と通信"),
        ),
        step(
            "accounts",
            "アカウント・ネットワーク設定",
            "it",
            """
            - 利用者のアカウント、無線LAN、VPN、プリンターを設定します。
            - 利用者に管理者権限を与えません。例外は承認の記録を確かめます。
            """,
            after="os mdm",
            due=bdays("use-from", -3),
        ),
        step(
            "apps",
            "業務アプリ・ライセンス割当",
            "it",
            """
            - 依頼された業務アプリを入れ、ライセンスを割り当てます。
            - ライセンスの残数を台帳で確かめ、足りなければ追加を手配します。
            """,
            after="os mdm",
            due=bdays("use-from", -3),
            fields=(field("licences", "割り当てたライセンス"),),
        ),
        step(
            "verify",
            "動作確認チェック",
            "it",
            """
            - 作業した人とは別の人が、次を確かめて承認します。
              - 暗号化・MDM・EDRが有効である
              - ログイン、メール、業務アプリ、印刷、VPNが使える
            - 不備があれば理由を書いて差し戻します。
            """,
            after="accounts apps",
            due=bdays("use-from", -2),
            approval=True,
            not_by="os mdm accounts apps",
        ),
        step(
            "hand-over",
            "貸与書類・引渡し",
            "it",
            """
            - 貸与規程、紛失時の連絡先、持出しの決まりを説明し、貸与書類と一緒に渡します。
            """,
            after="verify",
            due=bdays("use-from", -1),
            checklist=("貸与書類", "紛失・故障時の連絡先の説明"),
        ),
        step(
            "receipt",
            "利用者受領確認",
            "it",
            """
            - 利用者に、機器と付属品を受け取り、ログインできたことを確かめてもらいます。
            - 証跡: 受領書または受領の返信。
            """,
            after="hand-over",
            due=days("use-from", 0),
            fields=(field("receipt", "受領書(ファイル)", "file"), field("received-on", "受領日", "date")),
            outside="利用者本人",
        ),
        step(
            "ledger",
            "台帳更新(利用者・場所)",
            "it",
            """
            - 台帳の利用者、設置場所、利用開始日、状態を更新します。
            """,
            after="receipt",
            due=days("use-from", 0),
            fields=(field("user", "利用者", "person", personal=True), field("place", "設置場所")),
        ),
    ),
)
