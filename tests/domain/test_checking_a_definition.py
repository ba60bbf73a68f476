"""Which definitions make sense, and what is said of those that do not."""

from dataclasses import replace
from typing import Any

import pytest

from domain.ids import AnchorId, DepartmentId, FieldId, MemberId, RoleId, StepId
from domain.procedures.checks import DefinitionInvalid, check
from domain.procedures.definition import Anchor, Condition, Definition, Due, Field, Role, Step

A, B, C = StepId("a"), StepId("b"), StepId("c")
HR, DAY = RoleId("hr"), AnchorId("day")
AMOUNT = Field(FieldId("amount"), "金額", "amount")
CHOICE = Field(FieldId("kind"), "区分", "choice", choices=("新卒", "中途"))
MEMBER = MemberId("0198c1e5-7f40-7abc-8def-0123456789ab")


def step(name: str, *after: str, **kwargs: Any) -> Step:
    return Step(
        StepId(name), name.upper() or "?", kwargs.pop("role", HR), after=tuple(map(StepId, after)), **kwargs
    )


def procedure(*steps: Step, **kwargs: Any) -> Definition:
    given: dict[str, Any] = {"roles": (Role(HR, "人事"),), "anchors": (Anchor(DAY, "基準日"),), **kwargs}
    return Definition("手続き", DepartmentId("hr"), steps, **given)


def problems(definition: Definition) -> Any:
    with pytest.raises(DefinitionInvalid) as refusal:
        check(definition)
    return refusal.value.facts["problems"]


def places(definition: Definition) -> list[str]:
    return [p["at"] for p in problems(definition)]


ORDINARY = procedure(step("a", fields=(AMOUNT, CHOICE)), step("b", "a"), step("c", "b"))


def last(**kwargs: Any) -> Definition:
    return replace(ORDINARY, steps=(*ORDINARY.steps[:2], replace(ORDINARY.steps[2], **kwargs)))


def test_an_ordinary_procedure_makes_sense() -> None:
    check(ORDINARY)


@pytest.mark.parametrize(
    "title", ["", " \u3000", "\u200b", "a\nb", "a\x00", "a\udc00", "x" * 201, "a\u202eb"]
)
def test_an_absurd_title_is_refused(title: str) -> None:
    assert places(replace(ORDINARY, title=title)) == ["title"]


@pytest.mark.parametrize(
    ("definition", "at"),
    [
        (procedure(), "steps"),
        (procedure(*(step(f"s{n}") for n in range(201))), "steps"),
        (procedure(step("a"), roles=()), "roles"),
        (procedure(step("a"), roles=(Role(HR, "人事"), Role(HR, "労務"))), "roles"),
        (procedure(step("a"), anchors=(Anchor(DAY, "日"), Anchor(DAY, "他"))), "anchors"),
        (procedure(step("a"), step("a")), "steps"),
        (procedure(step("A b")), "steps.0.id"),
        (replace(ORDINARY, department=DepartmentId("人事")), "department"),
        (last(role=RoleId("nobody")), "steps.c.role"),
        (last(after=(StepId("zz"),)), "steps.c.after"),
        (last(after=(B, B)), "steps.c.after"),
        (last(instructions="x" * 20_001), "steps.c.instructions"),
        (last(instructions="\ud800"), "steps.c.instructions"),
        (last(instructions="a\u2066b"), "steps.c.instructions"),
        (last(outside="\x00"), "steps.c.outside"),
        (last(checklist=("",)), "steps.c.checklist.0"),
        (last(checklist=("写し", "写し")), "steps.c.checklist"),
        (last(approval=True, fields=(AMOUNT,)), "steps.c"),
        (last(approval=True, checklist=("写し",)), "steps.c"),
        (last(fields=(AMOUNT, AMOUNT)), "steps.c.fields"),
        (last(fields=tuple(Field(FieldId(f"f{n}"), "項目") for n in range(51))), "steps.c.fields"),
        (last(fields=(replace(AMOUNT, title=""),)), "steps.c.fields.amount.title"),
        (last(fields=(replace(CHOICE, choices=()),)), "steps.c.fields.kind.choices"),
        (last(fields=(replace(CHOICE, choices=("新卒", "新卒")),)), "steps.c.fields.kind.choices"),
        (last(fields=(replace(AMOUNT, choices=("1",)),)), "steps.c.fields.amount.choices"),
        (last(fields=(replace(AMOUNT, kind="money"),)), "steps.c.fields.amount.kind"),  # type: ignore[arg-type]
        (last(not_same_actor_as=(C,)), "steps.c.not_same_actor_as"),
        (last(not_same_actor_as=(StepId("zz"),)), "steps.c.not_same_actor_as"),
        (last(after=(A,), not_same_actor_as=(B,)), "steps.c.not_same_actor_as"),
    ],
)
def test_what_makes_no_sense_is_named(definition: Definition, at: str) -> None:
    assert places(definition) == [at]


@pytest.mark.parametrize(
    "fields",
    [
        (Field(FieldId("x"), "x", document="date"),),
        (Field(FieldId("x"), "x", "number", document="amount"),),
        (Field(FieldId("x"), "x", "date", document="counterparty"),),
        (Field(FieldId("x"), "x", personal=True, document="counterparty"),),
        (Field(FieldId("x"), "x", document="title"),),  # type: ignore[arg-type]
    ],
)
def test_what_a_field_tells_of_a_document_fits_its_kind_and_is_not_sealed(fields: tuple[Field, ...]) -> None:
    assert places(last(fields=fields)) == ["steps.c.fields.x.document"]


def test_a_step_keeps_one_document() -> None:
    fields = tuple(Field(FieldId(name), name, "date", document="date") for name in "xy")
    assert places(last(fields=fields)) == ["steps.c.fields"]


@pytest.mark.parametrize(
    ("due", "at"),
    [
        (Due(1), "steps.c.due"),
        (Due(1, anchor=DAY, after=A), "steps.c.due"),
        (Due(1, anchor=AnchorId("zz")), "steps.c.due.anchor"),
        (Due(1, after=StepId("zz")), "steps.c.due.after"),
        (Due(1, after=C), "steps.c.due.after"),
        (Due(1001, anchor=DAY), "steps.c.due.offset"),
        (Due(-1001, anchor=DAY), "steps.c.due.offset"),
        (Due(0, "day_of_next_month", anchor=DAY), "steps.c.due.offset"),
        (Due(32, "day_of_next_month", anchor=DAY), "steps.c.due.offset"),
        (Due(1, "weeks", anchor=DAY), "steps.c.due.unit"),  # type: ignore[arg-type]
        (Due(1, anchor=DAY, legal=True), "steps.c.due.basis"),
    ],
)
def test_a_due_date_that_cannot_be_counted_is_refused(due: Due, at: str) -> None:
    assert places(last(due=due)) == [at]


def test_a_due_date_after_a_step_that_is_not_waited_for_is_refused() -> None:
    assert places(last(after=(A,), due=Due(1, after=B))) == ["steps.c.due.after"]


def test_a_due_date_may_count_from_a_step_waited_for_indirectly() -> None:
    check(last(due=Due(1, after=A)))


@pytest.mark.parametrize(
    ("role", "at"),
    [
        (Role(HR, "人事", "same_as"), "roles.hr.step"),
        (Role(HR, "人事", "same_as", step=StepId("zz")), "roles.hr.step"),
        (Role(HR, "人事", "spread", step=B), "roles.hr.step"),
        (Role(HR, "人事", "member"), "roles.hr.member"),
        (Role(HR, "人事", "open", member=MEMBER), "roles.hr.member"),
        (Role(HR, "人事", "member", member=MemberId("Aiko")), "roles.hr.member"),
        (Role(HR, "人事", "lottery"), "roles.hr.rule"),  # type: ignore[arg-type]
    ],
)
def test_a_rule_without_what_it_needs_is_refused(role: Role, at: str) -> None:
    assert set(places(replace(ORDINARY, roles=(role,)))) == {at}


def test_same_as_needs_a_step_before_each_step_of_that_role() -> None:
    roles = (Role(HR, "人事"), Role(RoleId("same"), "同じ人", "same_as", step=B))
    steps = (step("a", role=RoleId("same")), step("b", "a"), step("c", "b", role=RoleId("same")))
    assert [p["expected"] for p in problems(procedure(*steps, roles=roles))] == ["a step that 'a' waits for"]


def on(operator: Any, value: Any, field: Field = AMOUNT, of: StepId = A) -> Condition:
    return Condition(operator, value, step=of, field=field.id)


@pytest.mark.parametrize(
    ("condition", "at"),
    [
        (Condition("is", "1"), "steps.c.condition"),
        (Condition("is", "1", step=A, field=AMOUNT.id, anchor=DAY), "steps.c.condition"),
        (Condition("is", "1", field=AMOUNT.id), "steps.c.condition.step"),
        (Condition("is", "2026-04-01", anchor=AnchorId("zz")), "steps.c.condition.anchor"),
        (Condition("is", "2026-04-01", step=A, anchor=DAY), "steps.c.condition.step"),
        (Condition("is", "soon", anchor=DAY), "steps.c.condition.value"),
        (on("is", "1", of=C), "steps.c.condition.step"),
        (on("is", "1", of=StepId("zz")), "steps.c.condition.step"),
        (on("is", "1", of=B), "steps.c.condition.field"),
        (on("like", "1"), "steps.c.condition.operator"),
        (on("at_least", "中途", CHOICE), "steps.c.condition.operator"),
        (on("is", "派遣", CHOICE), "steps.c.condition.value"),
        (on("is", True, CHOICE), "steps.c.condition.value"),
        (on("is", ("中途",), CHOICE), "steps.c.condition.value"),
        (on("one_of", "中途", CHOICE), "steps.c.condition.value"),
        (on("one_of", (), CHOICE), "steps.c.condition.value"),
        (on("one_of", ("中途", "派遣"), CHOICE), "steps.c.condition.value.1"),
        (on("at_least", "much"), "steps.c.condition.value"),
        (on("at_least", "100000.0"), "steps.c.condition.value"),
    ],
)
def test_a_condition_that_cannot_be_compared_is_refused(condition: Condition, at: str) -> None:
    assert places(last(condition=condition)) == [at]


@pytest.mark.parametrize(
    "condition",
    [
        on("at_least", "100000"),
        on("one_of", ("新卒", "中途"), CHOICE),
        Condition("at_most", "2026-04-01", anchor=DAY),
    ],
)
def test_a_condition_that_can_be_compared_makes_sense(condition: Condition) -> None:
    check(last(condition=condition))


def test_a_condition_may_not_tell_a_personal_value() -> None:
    first = step("a", fields=(replace(AMOUNT, personal=True),))
    assert places(procedure(first, step("b", "a", condition=on("is", "1")))) == ["steps.b.condition.field"]


def test_instructions_may_have_several_lines() -> None:
    check(last(instructions="- 一つ\n\t- 二つ\r\n"))


def test_a_cycle_is_named() -> None:
    assert problems(procedure(step("a", "b"), step("b", "a"))) == [
        {"at": "steps.a.after", "expected": "no step that waits for itself", "got": "a → b → a"}
    ]


def test_all_problems_are_reported_together() -> None:
    bad = replace(last(role=RoleId("x"), after=(StepId("y"),)), title="")
    assert places(bad) == ["title", "steps.c.role", "steps.c.after"]


def test_no_more_than_a_hundred_problems_are_reported() -> None:
    assert len(problems(procedure(*(step(f"s{n}", "x", role=RoleId("y")) for n in range(200))))) == 100


def test_problems_can_be_stored_whatever_they_are_about() -> None:
    found = problems(procedure(step("a\x00\ud800", "\ud800"), roles=(Role(RoleId("\x00"), "\ud800"),)))
    assert all("\x00" not in text and text.encode() for p in found for text in p.values())
