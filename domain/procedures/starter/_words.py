"""Short words to write procedures down with, and the roles that they share."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Literal

from domain.ids import AnchorId, FieldId, RoleId, StepId
from domain.procedures.definition import (
    Anchor,
    AssignmentRule,
    Condition,
    Due,
    Field,
    FieldKind,
    Operator,
    Role,
    Step,
    Unit,
)

ROLES: Mapping[str, str] = {
    "hr": "人事",
    "hr-manager": "人事責任者",
    "labor": "労務",
    "it": "情シス",
    "it-manager": "情シス責任者",
    "general-affairs": "総務",
    "accounting": "経理",
    "accounting-manager": "経理責任者",
    "legal": "法務",
    "legal-manager": "法務責任者",
    "dept-manager": "部門長・上長",
    "ordering-dept": "発注部門",
    "successor": "後任者",
    "requester": "依頼者",
    "payment-requester": "支払依頼者",
    "executive": "決裁者(経営)",
    # Not "auditor": that is a permission to read, whose holders do no steps.
    "internal-control": "内部統制",
    "cfo": "CFO",
    "ciso": "CISO",
}
"""Every role of the starter library, by its id: a company says once who holds them."""

LEGAL_NOTE = (
    "**法定期限です。** 日数の数え方、休日にあたる場合の扱い、自社への当てはまりは、"
    "社会保険労務士・税理士・弁護士などの専門家に確認してください。"
)


def role(name: str, rule: AssignmentRule = "spread", step: str | None = None) -> Role:
    """One of the shared roles, with the rule by which this procedure finds a person."""
    return Role(RoleId(name), ROLES[name], rule, StepId(step) if step else None)


def anchor(name: str, title: str) -> Anchor:
    """A named date."""
    return Anchor(AnchorId(name), title)


def days(anchor: str, offset: int, unit: Unit = "days", law: str = "") -> Due:
    """Due so many days from an anchor; set by law when `law` names the article."""
    return Due(offset, unit, anchor=AnchorId(anchor), legal=bool(law), basis=law)


def bdays(anchor: str, offset: int) -> Due:
    """Due so many business days from an anchor."""
    return days(anchor, offset, "business_days")


def bdays_after(step: str, offset: int) -> Due:
    """Due so many business days after a step was done."""
    return Due(offset, "business_days", after=StepId(step))


def field(
    name: str,
    title: str,
    kind: FieldKind = "text",
    *choices: str,
    required: bool = False,
    personal: bool = False,
    document: Literal["date", "amount", "counterparty"] | None = None,
) -> Field:
    """A field of a form."""
    return Field(FieldId(name), title, kind, required, personal, choices, document)


def when(step: str, field: str, operator: Operator, value: str) -> Condition:
    """Only when a field of an earlier step compares so."""
    return Condition(operator, value, step=StepId(step), field=FieldId(field))


def step(
    name: str,
    title: str,
    role: str,
    text: str,
    *,
    after: str = "",
    due: Due | None = None,
    fields: tuple[Field, ...] = (),
    checklist: tuple[str, ...] = (),
    approval: bool = False,
    not_by: str = "",
    condition: Condition | None = None,
    outside: str = "",
) -> Step:
    """A step. `after` and `not_by` (who did those may not do this) name steps, with blanks between."""
    note = f"\n\n{LEGAL_NOTE}" if due and due.legal else ""
    return Step(
        id=StepId(name),
        title=title,
        role=RoleId(role),
        instructions=cleandoc(text) + note,
        after=tuple(StepId(s) for s in after.split()),
        due=due,
        fields=fields,
        checklist=checklist,
        approval=approval,
        not_same_actor_as=tuple(StepId(s) for s in not_by.split()),
        condition=condition,
        outside=outside,
    )
