"""HR-1 入社手続き: from the offer to the interview after thirty days, counted from the day of joining.

Where the source names nothing to wait for, a step waits for the contract: before it nobody joins.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, days, field, role, step, when

JOINING = Definition(
    title="入社手続き",
    department=DepartmentId("hr"),
    summary="内定から入社30日後の面談まで。社会保険・雇用保険の法定期限を含みます。",
    confidential=True,
    anchors=(anchor("joining", "入社日"),),
    roles=(
        role("hr"),
        role("hr-manager"),
        role("labor"),
        role("it"),
        role("general-affairs"),
        role("dept-manager"),
        role("accounting"),
    ),
    steps=(
        step(
            "offer",
            "内定通知・入社承諾の受領",
            "hr",
            """
            - 内定通知書を送り、入社承諾書を受け取ります。
            - 入社日・配属先・雇用区分が採用決裁と一致することを確認します。
            - 「中途」を選ぶと、住民税の特別徴収切替が対象になります。
            """,
            due=days("joining", -30),
            fields=(
                field("employment", "雇用区分", "choice", "新卒", "中途", required=True),
                field("consent", "入社承諾書の控え", "file"),
            ),
        ),
        step(
            "contract",
            "雇用契約書兼労働条件通知書の締結",
            "hr-manager",
            """
            - 労働条件通知書の明示事項(就業場所・業務の変更の範囲を含む)を確認します。
            - 賃金・所定労働時間・試用期間が採用決裁のとおりであることを確かめて承認します。
            - 不備があれば理由を書いて差し戻します。署名済みの控えを保管します。
            """,
            after="offer",
            due=days("joining", -20),
            approval=True,
            not_by="offer",
        ),
        step(
            "documents-request",
            "入社書類の案内・提出依頼",
            "hr",
            """
            - 提出書類の一覧、様式、提出期限(入社日)、提出方法を本人に案内します。
            - マイナンバーは利用目的を明示し、専用の方法で提出してもらいます。メール添付は使いません。
            """,
            after="contract",
            due=days("joining", -14),
            fields=(field("contact", "本人の連絡先(案内の送付先)", personal=True),),
            outside="本人",
        ),
        step(
            "equipment-request",
            "PC・備品・座席の手配依頼",
            "hr",
            """
            - 情シスへPCとアカウント、総務へ入館証・名刺・座席の手配を依頼します。
            - 配属先に、必要な業務ソフトとアクセス権限を確認してから依頼します。
            """,
            after="contract",
            due=days("joining", -14),
            fields=(field("needs", "必要な機器・ソフト・権限"),),
        ),
        step(
            "accounts",
            "アカウント発行",
            "it",
            """
            - メール・グループウェア・業務システムのアカウントを、依頼された権限だけで発行します。
            - 多要素認証を必須にし、初期パスワードは本人以外が知らない方法で渡します。
            - 証跡: 発行したアカウントの一覧と発行日時。
            """,
            after="equipment-request",
            due=bdays("joining", -3),
        ),
        step(
            "pc",
            "PCキッティング完了",
            "it",
            """
            - 「PCキッティング」(IT-1)の案件を利用開始日=入社日で開始し、その完了を確認します。
            - 資産番号を控え、入社日に渡せる状態であることを確かめます。
            """,
            after="equipment-request",
            due=bdays("joining", -2),
            fields=(field("asset-number", "資産番号"),),
        ),
        step(
            "seat",
            "入館証・名刺・座席",
            "general-affairs",
            """
            - 入館証を発行し、貸与簿に番号と貸与日を記録します。
            - 名刺を発注し、座席・ロッカー・備品を用意します。
            """,
            after="equipment-request",
            due=bdays("joining", -2),
            checklist=("入館証", "名刺", "座席・備品"),
        ),
        step(
            "documents",
            "書類回収と確認",
            "labor",
            """
            - 提出書類がそろい、記入漏れがないことを確認します。
            - マイナンバーは番号をここに書かず、受領して専用の保管先に登録した事実だけを記録します。
            - 受領できないときは、その経緯を備考に残します。
            """,
            after="documents-request",
            due=days("joining", 0),
            checklist=(
                "扶養控除等(異動)申告書",
                "給与振込口座の届出",
                "年金・雇用保険の番号の確認書類",
                "誓約書",
                "身元・資格の確認書類(必要な場合)",
            ),
            fields=(
                field("my-number-collected", "マイナンバーを受領し、専用の保管先に登録した", "check"),
                field("remarks", "備考(未提出の書類など)", personal=True),
            ),
        ),
        step(
            "orientation",
            "受入オリエンテーション",
            "dept-manager",
            """
            - 就業規則、情報セキュリティ、ハラスメント相談窓口、緊急連絡先を説明します。
            - 業務の目標と、最初の30日間の予定を本人と確認します。
            """,
            # Not for the account, the PC and the seat: a newcomer is welcomed on the day, whatever is late.
            after="contract",
            due=days("joining", 0),
            checklist=("就業規則・勤怠の説明", "情報セキュリティの説明", "業務内容と予定の共有"),
        ),
        step(
            "registration",
            "従業員・給与マスタ登録",
            "labor",
            """
            - 従業員マスタ・給与マスタに、雇用契約書と提出書類のとおり登録します。
            - 登録後の画面を出力し、次の確認者に渡します。
            """,
            after="documents",
            due=bdays("joining", 3),
        ),
        step(
            "registration-check",
            "マスタ登録の第二者確認",
            "accounting",
            """
            - 給与額、振込口座、扶養、控除の登録を、登録者以外が原本と照合します。
            - 誤りがあれば理由を書いて差し戻します。架空の従業員・口座を防ぐための職務分掌です。
            """,
            after="registration",
            due=bdays("joining", 4),
            approval=True,
            not_by="registration",
        ),
        step(
            "social-insurance",
            "健康保険・厚生年金 資格取得届",
            "labor",
            """
            - 被扶養者(異動)届・国民年金第3号の届も、該当があれば同時に提出します。
            - 「健康保険証・資格確認書」の扱い(マイナ保険証の登録の有無)を本人に案内します。
            - 証跡: 電子申請の到達番号または受付印のある控え。
            """,
            after="documents",
            due=days(
                "joining",
                5,
                law="健康保険法施行規則24条・厚生年金保険法施行規則15条(事実のあった日から5日以内)",
            ),
            fields=(field("receipt", "到達番号・受付番号"),),
        ),
        step(
            "employment-insurance",
            "雇用保険 資格取得届",
            "labor",
            """
            - 所定労働時間と雇用見込みから加入の要否を確かめ、管轄のハローワークへ提出します。
            - 交付された被保険者証と資格取得等確認通知書(本人用)を本人に渡します。
            """,
            after="documents",
            due=days(
                "joining", 10, "day_of_next_month", law="雇用保険法施行規則6条(事実のあった月の翌月10日まで)"
            ),
            fields=(field("receipt", "到達番号・受付番号"),),
        ),
        step(
            "resident-tax",
            "住民税 特別徴収切替",
            "labor",
            """
            - 中途入社の人だけが対象です。前職の異動届出書、または切替届出書を市区町村へ提出します。
            - 普通徴収の納期限を過ぎた分は切り替えられません。納付書の残りを本人に確認します。
            """,
            after="contract",
            due=days("joining", 10),
            condition=when("offer", "employment", "is", "中途"),
        ),
        step(
            "ledgers",
            "労働者名簿など法定帳簿の更新",
            "labor",
            """
            - 労働者名簿・賃金台帳に登録し、出勤簿を用意します。提出書類のとおりであることを確かめます。
            """,
            # The books hold what the papers say.
            after="documents",
            due=bdays("joining", 10),
            checklist=("労働者名簿", "賃金台帳", "出勤簿の準備"),
        ),
        step(
            "interview",
            "30日面談",
            "dept-manager",
            """
            - 仕事の内容、職場、健康について本人と話し、次の目標を決めます。
            - 内容は別に保管し、ここには実施日だけを残します。
            """,
            # So that it is nobody's task before the first day.
            after="orientation",
            due=days("joining", 30),
            fields=(field("interview-on", "面談の実施日", "date", required=True),),
        ),
    ),
)
