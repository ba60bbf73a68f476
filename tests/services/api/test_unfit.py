"""A body that does not fit its model: the answer names the field, what was expected, and what kind of thing it got."""

import json
from typing import Any

import msgspec
import pytest

from domain.refusals import InvalidInput
from services.api import bodies as b
from services.api.reading import decode
from services.api.refusals import MalformedJson

RUN = {"procedure": "01a21029-890e-7175-9025-8202468ee028", "subject": "x"}
STEP = {"id": "a", "title": "b", "role": "c"}


def draft(**step: Any) -> dict[str, Any]:
    return {"definition": {"title": "a", "department": "b", "roles": [], "steps": [STEP | step]}}


UNFIT = [
    (b.RunBody, RUN | {"procedure": "x"}, "procedure", "a UUID in lower case"),
    (b.RunBody, {"procedure": RUN["procedure"]}, "subject", "a value, since it is required"),
    (b.RunBody, RUN | {"anchors": {"a": "2026-04-01", "b": "2026-02-30"}}, "anchors.b", "a date such as 2026-04-01"),
    (b.RunBody, RUN | {"anchors": {"a": 5}}, "anchors.a", "a date such as 2026-04-01"),
    (b.RunBody, RUN | {"zz": 1}, "zz", "only known fields"),
    (b.SignUpBody, {"company": "x", "owner": {"name": "x"}}, "owner.email", "a value, since it is required"),
    (b.SignUpBody, {"company": "x", "owner": {"name": 1}}, "owner.name", "a text"),
    (b.PermissionBody, {"permission": "king"}, "permission", "one of owner, admin, manager, member, partner, auditor"),
    (b.RoleBody, {"members": ["a"]}, "members[0]", "a UUID in lower case"),
    (b.PlanBody, {"plan": "x", "seats": 0}, "seats", "a whole number >= 1"),
    (b.Body, {"reason": "x" * 2001}, "reason", "a text whose length is <= 2000"),
    (b.Body, [], "body", "an object"),
    (b.DraftBody, draft(due={"offset": 1, "unit": "x"}), "definition.steps[0].due.unit", "one of days, business_days"),
    (b.DraftBody, draft(after=[5]), "definition.steps[0].after[0]", "a text"),
]


@pytest.mark.parametrize(("model", "given", "field", "expected"), UNFIT, ids=[str(each[2:]) for each in UNFIT])
def test_it_names_the_field_and_what_was_expected(model: type, given: Any, field: str, expected: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(msgspec.json.Decoder(model), json.dumps(given).encode())
    problems: Any = refused.value.facts["problems"]
    assert [problem["field"] for problem in problems] == [field]
    assert problems[0]["expected"].startswith(expected)


@pytest.mark.parametrize("zone", ["2026-01-01", "2026-01-01T00:00:00"], ids=["a-date", "without-a-zone"])
def test_an_instant_needs_its_zone(zone: str) -> None:
    with pytest.raises(InvalidInput, match="with its time zone"):
        decode(msgspec.json.Decoder(b.Body), json.dumps({"occurred_at": zone}).encode())


def test_the_value_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(msgspec.json.Decoder(b.PermissionBody), b'{"permission": "secret"}')
    assert "secret" not in f"{refused.value} {refused.value.facts}"


def test_half_of_a_surrogate_pair_is_told_as_such() -> None:
    with pytest.raises(MalformedJson, match="half of a surrogate pair"):
        decode(msgspec.json.Decoder(b.Body), rb'{"reason": "\ud800"}')
