"""Whatever is written down as a procedure, the check answers, and its answer can be stored."""

from hypothesis import given
from hypothesis import strategies as st

from domain.procedures.checks import DefinitionInvalid, check
from domain.procedures.definition import Anchor, Condition, Definition, Due, Field, Role, Step

NAMES = st.sampled_from(["a", "b", "c", "d", "", "e e", "\x00", "\ud800"])
TEXTS = st.one_of(NAMES, st.text(max_size=5))
DUES = st.builds(
    Due,
    st.integers(-2000, 2000),
    st.sampled_from(["days", "business_days", "months", "day_of_next_month"]),
    anchor=st.none() | NAMES,
    after=st.none() | NAMES,
    legal=st.booleans(),
    basis=TEXTS,
)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["is", "is_not", "at_least", "at_most", "one_of"]),
    st.one_of(TEXTS, st.booleans(), st.lists(TEXTS, max_size=2).map(tuple)),
    step=st.none() | NAMES,
    field=st.none() | NAMES,
    anchor=st.none() | NAMES,
)
KINDS = ["text", "number", "amount", "date", "choice", "check", "person", "file"]
FIELDS = st.builds(
    Field, NAMES, TEXTS, st.sampled_from(KINDS), choices=st.lists(TEXTS, max_size=2).map(tuple)
)
STEPS = st.builds(
    Step,
    NAMES,
    TEXTS,
    NAMES,
    TEXTS,
    st.lists(NAMES, max_size=3).map(tuple),
    st.none() | DUES,
    st.lists(FIELDS, max_size=2).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
    st.booleans(),
    st.lists(NAMES, max_size=2).map(tuple),
    st.none() | CONDITIONS,
    TEXTS,
)
RULES = ["holder", "spread", "least_loaded", "starter", "same_as", "member", "open"]
ROLES = st.builds(Role, NAMES, TEXTS, st.sampled_from(RULES), st.none() | NAMES, st.none() | NAMES)
DEFINITIONS = st.builds(
    Definition,
    TEXTS,
    NAMES,
    st.lists(STEPS, max_size=5).map(tuple),
    st.lists(ROLES, max_size=3).map(tuple),
    st.lists(st.builds(Anchor, NAMES, TEXTS), max_size=2).map(tuple),
)


def problems_of(definition: Definition) -> object:
    try:
        check(definition)
    except DefinitionInvalid as refusal:
        return refusal.facts["problems"]
    return None


@given(DEFINITIONS)
def test_any_definition_is_accepted_or_refused_with_reasons(definition: Definition) -> None:
    problems = problems_of(definition)
    assert problems is None or problems
    assert str(problems).encode()
