"""Procedures that a demo company wrote itself: a help desk whose cases are anyone's, and one given up later."""

from domain.ids import AnchorId, DepartmentId, FieldId, RoleId, StepId
from domain.procedures.definition import Anchor, Definition, Due, Field, Role, Step

ASKED = AnchorId("asked")

HELP_DESK = Definition(
    title="社内ITお問い合わせ",
    department=DepartmentId("it"),
    summary="困りごとを受け付け、手の空いている担当が引き取って対応します。",
    anchors=(Anchor(ASKED, "受付日"),),
    roles=(Role(RoleId("it"), "情シス", "open"), Role(RoleId("requester"), "依頼者", "starter")),
    steps=(
        Step(
            StepId("ask"),
            "依頼",
            RoleId("requester"),
            "- 何ができなくて困っているかを書きます。",
            fields=(Field(FieldId("trouble"), "困りごと", required=True),),
        ),
        Step(
            StepId("solve"),
            "対応",
            RoleId("it"),
            "- 手の空いている担当が引き取り、対応した内容を残します。",
            after=(StepId("ask"),),
            due=Due(2, "business_days", anchor=ASKED),
            fields=(Field(FieldId("done"), "対応した内容", required=True),),
        ),
        Step(
            StepId("confirm"),
            "解決の確認",
            RoleId("requester"),
            "- 解決していなければ、理由を書いて差し戻します。",
            after=(StepId("solve"),),
            due=Due(3, "business_days", anchor=ASKED),
        ),
    ),
)

LENDING = Definition(
    title="備品貸出",
    department=DepartmentId("general-affairs"),
    summary="プロジェクターなどの貸出と返却。会議室予約システムへ移したあとは使いません。",
    anchors=(Anchor(AnchorId("lent"), "貸出日"),),
    roles=(Role(RoleId("general-affairs"), "総務"),),
    steps=(
        Step(StepId("lend"), "貸出", RoleId("general-affairs"), "- 貸出簿に書きます。"),
        Step(
            StepId("return"),
            "返却",
            RoleId("general-affairs"),
            "- 付属品を確かめます。",
            after=(StepId("lend"),),
            due=Due(5, "business_days", anchor=AnchorId("lent")),
        ),
    ),
)
