"""GA-2 備品購入・固定資産: from a request to the invoice's handing over to accounting."""

from domain.ids import DepartmentId
from domain.procedures.definition import Definition
from domain.procedures.starter._words import anchor, bdays, bdays_after, days, field, role, step, when

PURCHASE = Definition(
    title="備品購入・固定資産",
    department=DepartmentId("general-affairs"),
    summary="購入の申請、予算と承認、相見積、発注、検収、資産台帳、請求書の引渡しまで。",
    anchors=(anchor("requested", "申請日"), anchor("needed", "必要日")),
    roles=(
        role("requester", "starter"),
        role("accounting"),
        role("dept-manager"),
        role("general-affairs"),
    ),
    steps=(
        step(
            "request",
            "購入申請",
            "requester",
            """
            - 品名、数量、用途、見込額を書きます。手持ちの備品で足りないことを確かめておきます。
            - 見込額(税込)が10万円以上なら、相見積が必要になります。
            """,
            due=days("requested", 0),
            fields=(
                field("item", "品名・数量", required=True),
                field("purpose", "用途・理由", required=True),
                field("estimate", "見込額(税込・円)", "amount", required=True),
            ),
        ),
        step(
            "budget",
            "予算確認",
            "accounting",
            """
            - 負担部門の予算残、勘定科目、固定資産にあたるかどうかを確かめます。
            - 予算を超える場合は、超える額と手当てを書きます。
            """,
            after="request",
            due=bdays("requested", 2),
            fields=(field("budget", "予算", "choice", "予算内", "予算外", required=True),),
        ),
        step(
            "approve",
            "購入承認",
            "dept-manager",
            """
            - 必要性、金額、予算の確認結果を確かめて承認します。申請した人は承認できません。
            - 予算外のときは、職務権限規程の決裁者の承認を得ていることを確かめます。
            """,
            after="budget",
            due=bdays("requested", 3),
            approval=True,
            not_by="request",
        ),
        step(
            "quotes",
            "相見積",
            "general-affairs",
            """
            - 見込額が10万円以上のときだけ行います。同じ条件で2社以上から見積りを取ります。
            - 選んだ理由(価格・納期・保守)を残します。1社だけなら、その理由を書きます。
            """,
            after="approve",
            due=bdays("requested", 8),
            fields=(
                field("chosen", "選んだ見積額(税込・円)", "amount", required=True, document="amount"),
                field("why", "選んだ理由", required=True),
                field("quotes", "見積書(ファイル)", "file"),
            ),
            condition=when("request", "estimate", "at_least", "100000"),
        ),
        step(
            "order",
            "発注",
            "general-affairs",
            """
            - 承認された品目・数量・金額で発注書を出します。承認額を超えるなら承認に差し戻します。
            - 納期が必要日に間に合うことを確かめます。
            """,
            after="quotes",
            due=bdays("requested", 10),
            fields=(
                field("supplier", "発注先(法人名)", document="counterparty"),
                field("amount", "発注額(税込・円)", "amount", required=True, document="amount"),
                field("order", "発注書(ファイル)", "file"),
            ),
        ),
        step(
            "accept",
            "納品検収",
            "requester",
            """
            - 発注した人以外が、発注書と現物の品目・数量・動作を確かめます。
            - 不良や数量の違いは、その場で業者に連絡して記録します。
            """,
            after="order",
            due=days("needed", 0),
            checklist=("品目・数量", "外観・動作"),
            fields=(
                field("accepted-on", "検収日", "date", required=True),
                field("class", "管理区分", "choice", "固定資産", "管理備品", "消耗品", required=True),
            ),
            not_by="order",
        ),
        step(
            "asset-ledger",
            "資産台帳登録",
            "general-affairs",
            """
            - 消耗品以外を台帳に登録し、資産番号のラベルを貼ります。
            - 固定資産は、取得価額・事業供用日・設置場所を経理に伝えます。
            """,
            after="accept",
            due=bdays_after("accept", 3),
            fields=(
                field("asset-number", "資産番号", required=True),
                field("place", "設置場所"),
            ),
            condition=when("accept", "class", "is_not", "消耗品"),
        ),
        step(
            "invoice",
            "請求書引渡し",
            "general-affairs",
            """
            - 請求書に発注書と検収の記録を添えて経理へ渡し、「請求書受領・支払」(FIN-2)を開始します。
            """,
            after="accept asset-ledger",
            due=bdays_after("accept", 3),
            fields=(field("invoice", "請求書(ファイル)", "file"),),
        ),
    ),
)
