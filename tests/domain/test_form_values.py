"""What may be filled in, and in which form it is kept."""

from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import FieldId, RoleId, StepId
from domain.procedures.definition import Field, FieldKind, Step
from domain.procedures.forms import check_values, missing_checks
from domain.procedures.values import READERS
from domain.refusals import InvalidInput

F = FieldId("f")
PERSON = "0198c1e5-7f40-7abc-8def-0123456789ab"
KINDS: list[FieldKind] = list(READERS)


def step(*fields: Field, checklist: tuple[str, ...] = ()) -> Step:
    return Step(StepId("collect"), "回収", RoleId("hr"), fields=fields, checklist=checklist)


def field(kind: FieldKind, **kwargs: Any) -> Field:
    return Field(F, "項目", kind, choices=("新卒", "中途") if kind == "choice" else (), **kwargs)


def kept(kind: FieldKind, given: object) -> object:
    return check_values(step(field(kind)), {"f": given}).plain.get(F)


def problems(form: Step, values: dict[str, object]) -> Any:
    with pytest.raises(InvalidInput) as refusal:
        check_values(form, values)
    return refusal.value.facts["problems"]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("text", " か\u3099 ", "が"),
        ("number", 12, "12"),
        ("number", "-007.50", "-7.5"),
        ("number", "-0.0", "0"),
        ("number", "１２．５", "12.5"),
        ("amount", "100000.0000", "100000"),
        ("amount", "9" * 26 + ".9999", "9" * 26 + ".9999"),
        ("date", "2026-04-01", "2026-04-01"),
        ("choice", "中途", "中途"),
        ("check", False, False),
        ("person", PERSON.upper(), PERSON),
        ("file", "AB" * 32, "ab" * 32),
    ],
)
def test_a_value_is_kept_in_its_canonical_form(kind: FieldKind, given: object, expected: object) -> None:
    assert kept(kind, given) == expected


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", 5),
        ("text", "a\x00b"),
        ("text", "a\ud800"),
        ("text", "a\u202eb"),
        ("text", "a\x1bb"),
        pytest.param("text", "x" * 10_001, id="text-long"),
        ("number", 1.5),
        ("number", True),
        ("number", "1e3"),
        ("number", "1,000"),
        ("number", "+1"),
        ("number", "."),
        ("number", "NaN"),
        ("number", "²"),
        ("number", "1" * 31),
        pytest.param("number", 10**5000, id="number-enormous"),
        ("amount", "0.00001"),
        ("date", "20260401"),
        ("date", "2026-W14-3"),
        ("date", "2026-02-29"),
        ("date", "0226-04-01"),
        ("date", "2201-01-01"),
        ("date", "1899-12-31"),
        ("choice", "派遣"),
        ("choice", 1),
        ("check", "true"),
        ("check", 1),
        ("person", "Aiko"),
        ("person", PERSON.replace("-", "")),
        ("file", "ab" * 31),
        ("file", "zz" * 32),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kind: FieldKind, given: object) -> None:
    assert [p["field"] for p in problems(step(field(kind)), {"f": given})] == ["f"]


@pytest.mark.parametrize("given", [None, "", "  ", "\u200b"])
def test_an_empty_text_counts_as_not_given(given: object) -> None:
    assert kept("text", given) is None


@pytest.mark.parametrize("given", [{}, {"f": None}, {"f": ""}, {"f": " "}, {"f": "\u200b\u3000"}])
def test_a_required_field_must_be_given(given: dict[str, object]) -> None:
    assert problems(step(field("text", required=True)), given)[0]["got"] == "nothing"


def test_a_required_check_must_be_true() -> None:
    assert problems(step(field("check", required=True)), {"f": False})[0]["got"] == "false"


def test_an_unknown_field_is_refused() -> None:
    assert problems(step(field("text")), {"g": "x"}) == [
        {"field": "g", "expected": "one of f", "got": "an unknown field"}
    ]


def test_the_name_of_an_unknown_field_is_not_repeated_when_it_is_no_slug() -> None:
    assert problems(step(), {"山田太郎": "x"})[0]["field"] == "?"


def test_personal_values_are_kept_apart() -> None:
    values = check_values(step(field("text", personal=True)), {"f": "山田"})
    assert (values.plain, values.personal) == ({}, {F: "山田"})


def test_every_problem_is_reported() -> None:
    other = Field(FieldId("g"), "他", required=True)
    assert len(problems(step(field("number"), other), {"f": "x", "h": 1})) == 3


def test_a_choice_declared_in_another_normal_form_is_kept_as_declared() -> None:
    choice = Field(F, "区分", "choice", choices=("か\u3099",))
    assert check_values(step(choice), {"f": "が"}).plain == {F: "か\u3099"}


def test_items_not_ticked_are_missing() -> None:
    assert missing_checks(step(checklist=("誓約書", "口座", "番号")), [1]) == ("誓約書", "番号")


def test_nothing_is_missing_when_every_item_is_ticked() -> None:
    assert missing_checks(step(checklist=("誓約書", "口座")), [1, 0]) == ()


@pytest.mark.parametrize("ticked", [[2], [-1]])
def test_an_item_that_does_not_exist_cannot_be_ticked(ticked: list[int]) -> None:
    with pytest.raises(InvalidInput):
        missing_checks(step(checklist=("誓約書", "口座")), ticked)


def test_more_ticks_than_items_are_refused_without_looking_at_them() -> None:
    class Uncounted(list[int]):
        def __iter__(self) -> NoReturn:
            raise AssertionError("expected nobody to look")

    with pytest.raises(InvalidInput, match="520000 items"):
        missing_checks(step(checklist=("誓約書", "口座")), Uncounted([0] * 520_000))


def test_no_more_than_a_hundred_unknown_fields_are_named() -> None:
    assert len(problems(step(field("text")), {f"g{n}": "x" for n in range(20_000)})) == 100


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()))


@given(st.sampled_from(KINDS), ANYTHING)
def test_whatever_is_kept_is_kept_the_same_again(kind: FieldKind, given: object) -> None:
    try:
        first = kept(kind, given)
    except InvalidInput:
        return
    assert kept(kind, first) == first


@given(st.sampled_from(KINDS), st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=4))
def test_a_refusal_never_repeats_the_value(kind: FieldKind, secret: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_values(step(field(kind)), {"f": [secret], "g": secret})
    assert secret not in str(refusal.value.facts) + str(refusal.value)
