"""Any event that the domain's types allow, for property tests."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.events import EVENT_TYPES
from domain.ids import SLUG, AnchorId, FieldId

LARGEST = 2**53 - 1
SLUGS = st.from_regex(SLUG, fullmatch=True)
PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=40),
    bool: st.booleans(),
    int: st.integers(-LARGEST, LARGEST),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    NoneType: st.none(),
    # Keys of JSON objects: their order must not depend on how text is compared.
    FieldId: SLUGS,
    AnchorId: SLUGS,
}


@cache
def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hasattr(hint, "__supertype__"):
        return any_of(hint.__supertype__)
    if dataclasses.is_dataclass(hint):
        return _any_instance(hint)
    return _any_of_several(get_origin(hint), get_args(hint))


def _any_instance(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: any_of(hints[f.name]) for f in dataclasses.fields(kind)})


def _any_of_several(origin: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of(*map(any_of, parts))
    if origin is tuple and parts[1:] == (...,):
        return st.lists(any_of(parts[0]), max_size=3).map(tuple)
    assert issubclass(origin, Mapping), f"no strategy for {origin}"
    return st.dictionaries(any_of(parts[0]), any_of(parts[1]), max_size=4)


ANY_EVENT: st.SearchStrategy[Any] = st.sampled_from(sorted(EVENT_TYPES)).flatmap(
    lambda name: any_of(EVENT_TYPES[name])
)
