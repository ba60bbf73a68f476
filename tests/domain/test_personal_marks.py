"""Personal data is marked in every event type, with whose it is."""

from dataclasses import fields

import pytest

from domain.events import EVENT_TYPES
from domain.personal import personal_fields

PERSONAL_NAMES = {"name", "email", "phone", "address", "subject", "text", "personal_values", "user_name"} | {
    "external_id"  # directories send names as ids
}
NOT_A_PERSONS = {("tenant.signed_up", "name")}  # the company's


@pytest.mark.parametrize("type_name", EVENT_TYPES)
def test_fields_that_hold_personal_data_are_marked(type_name: str) -> None:
    kind = EVENT_TYPES[type_name]
    expected = {f.name for f in fields(kind) if f.name in PERSONAL_NAMES and (type_name, f.name) not in NOT_A_PERSONS}
    assert expected == set(personal_fields(kind))


@pytest.mark.parametrize("type_name", EVENT_TYPES)
def test_a_mark_names_the_stream_or_a_field_beside_it(type_name: str) -> None:
    kind = EVENT_TYPES[type_name]
    known = {f.name for f in fields(kind)} | {"stream"}
    assert set(personal_fields(kind).values()) <= known
