"""GA-1 定時株主総会: of a private company with a board and a company auditor.

The source has dates only; a step waits for the one whose result it works on, and for no other.
"""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, days, field, role, step, when

SHAREHOLDERS_MEETING = Definition(
    title="定時株主総会",
    department=DepartmentId("general-affairs"),
    summary="非公開会社・取締役会設置・監査役設置の会社の例。事業年度末から総会、登記、公告まで。",
    anchors=(anchor("fiscal-year-end", "事業年度末"), anchor("meeting", "総会日")),
    roles=(role("general-affairs"), role("accounting"), role("executive"), role("legal")),
    steps=(
        step(
            "schedule",
            "基準日・年間日程確定",
            "general-affairs",
            """
            - 定款の基準日と、権利行使の期限(基準日から3か月以内)に総会日が収まることを確かめます。
            - 監査、取締役会、招集通知、備置きの日程を関係者と決めます。
            """,
            due=days("fiscal-year-end", 0),
        ),
        step(
            "statements",
            "計算書類・事業報告作成",
            "accounting",
            """
            - 計算書類、事業報告、附属明細書を作ります。
            - 会社計算規則・会社法施行規則の記載事項の一覧で漏れを確かめます。
            """,
            after="schedule",
            due=days("fiscal-year-end", 25),
            checklist=(
                "貸借対照表・損益計算書",
                "株主資本等変動計算書・個別注記表",
                "事業報告",
                "附属明細書",
            ),
        ),
        step(
            "to-auditor",
            "監査役へ提出",
            "accounting",
            """
            - 計算書類と事業報告を監査役に渡し、受け取った日を残します。監査期間の起点になります。
            """,
            after="statements",
            due=days("fiscal-year-end", 31),
            fields=(field("handed-over-on", "提出日", "date", required=True),),
        ),
        step(
            "audit-report",
            "監査報告受領",
            "general-affairs",
            """
            - 監査役から監査報告を受け取ります。監査期間は受領から最長4週間です。
            - 期限までに通知がないときの扱いは専門家に確認します。
            """,
            after="to-auditor",
            due=days("fiscal-year-end", 42),
            fields=(field("report", "監査報告(ファイル)", "file"), field("received-on", "受領日", "date")),
            outside="監査役",
        ),
        step(
            "board",
            "取締役会: 計算書類承認・招集決議",
            "executive",
            """
            - 監査を受けた計算書類を承認し、総会の日時・場所・議題を決議します。
            - 特別の利害関係のある取締役は決議に加わりません。議事録に署名・押印をそろえます。
            """,
            after="audit-report",
            due=days("fiscal-year-end", 45),
            approval=True,
            not_by="statements",
        ),
        step(
            "keep-statements",
            "計算書類等の備置開始",
            "general-affairs",
            """
            - 計算書類・事業報告・監査報告を本店に備え置きます。
            - 取締役会設置会社では総会日の2週間前の日から5年間です(会社法442条)。遅くともその日に始めます。
            """,
            after="board",
            due=days("fiscal-year-end", 46),
            fields=(field("kept-from", "備置開始日", "date", required=True),),
        ),
        step(
            "proofread",
            "招集通知・参考書類校了",
            "general-affairs",
            """
            - 決議どおりの日時・場所・議題か、計算書類の添付がそろっているかを確かめます。
            - 法務が会社法の記載事項を確認します。
            """,
            after="board",
            due=days("meeting", -12),
            checklist=("日時・場所・議題", "計算書類・事業報告・監査報告の添付", "議決権の数と宛名"),
        ),
        step(
            "send-notice",
            "招集通知発送",
            "general-affairs",
            """
            - 株主名簿の宛先と突き合わせて発送し、発送した日の記録を残します。
            - 発送日と総会日の間に1週間を空けます。
            - 書面投票・電子投票を採用する会社と公開会社は2週間です。期日を総会日の15日前に変えてください。
            """,
            after="proofread",
            due=days(
                "meeting", -8, law="会社法299条1項(総会の日の1週間前まで。書面投票等・公開会社は2週間前)"
            ),
            fields=(
                field("sent-on", "発送日", "date", required=True),
                field("proof", "発送の記録(ファイル)", "file"),
            ),
        ),
        step(
            "votes",
            "出欠・議決権集計",
            "general-affairs",
            """
            - 出欠、委任状、議決権の数を集計し、定足数を満たす見込みを確かめます。
            """,
            after="send-notice",
            due=bdays("meeting", -2),
            fields=(
                field("voting-rights", "議決権の総数", "number", required=True),
                field("represented", "出席・委任の議決権の数", "number", required=True),
            ),
        ),
        step(
            "rehearse",
            "会場・シナリオ・想定問答",
            "general-affairs",
            """
            - 会場、受付、議長のシナリオを用意し、想定問答を関係部署と仕上げます。
            """,
            after="board",
            due=bdays("meeting", -3),
            checklist=("会場・受付", "議長シナリオ", "想定問答"),
        ),
        step(
            "meeting",
            "総会開催",
            "general-affairs",
            """
            - 定足数を確かめて開会し、議案ごとの賛否を記録します。
            - 役員の選任など登記が要る決議があれば「あり」を選びます。
            """,
            after="votes rehearse",
            due=days("meeting", 0),
            fields=(field("registration", "登記する事項", "choice", "あり", "なし", required=True),),
        ),
        step(
            "minutes",
            "議事録作成・備置",
            "general-affairs",
            """
            - 議事の経過の要領、結果、出席役員を記した議事録を作り、本店に10年間備え置きます。
            - 登記に使う場合は、押印の要否を確かめます。
            """,
            after="meeting",
            due=days("meeting", 1),
            fields=(field("minutes", "議事録(ファイル)", "file"),),
        ),
        step(
            "registry",
            "役員変更等登記",
            "legal",
            """
            - 登記する事項があるときだけ行います。任期満了の再任(重任)も登記が必要です。
            - 議事録、就任承諾書、本人確認書類をそろえて本店所在地の法務局に申請します。
            """,
            # The minutes go with the application.
            after="minutes",
            due=days("meeting", 14, law="会社法915条1項(変更が生じた時から2週間以内)"),
            fields=(field("receipt", "受付番号"), field("applied-on", "申請日", "date", required=True)),
            condition=when("meeting", "registration", "is", "あり"),
        ),
        step(
            "publish",
            "決算公告・配当支払",
            "general-affairs",
            """
            - 定款の方法で貸借対照表(大会社は損益計算書も)を遅滞なく公告します。
            - 配当の決議があれば、支払と源泉徴収を経理と行います。
            """,
            after="meeting",
            due=bdays("meeting", 10),
            checklist=("決算公告", "配当の支払(決議がある場合)"),
        ),
    ),
)
