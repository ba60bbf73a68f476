"""What comes to someone by name goes along their handovers, in the order in which these happened."""

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.ids import DepartmentId, MemberId, ProcedureId, RoleId
from domain.tenants.handovers import Handover, Place, Rule, successors
from tests.people import AIKO, BUNTA, CHIE, DAIKI, EMI, HR, PROCEDURE

PLACE = Place(PROCEDURE, DepartmentId("hr"), HR)
ELSEWHERE = Place(ProcedureId("another"), DepartmentId("it"), RoleId("it"))
PEOPLE = (AIKO, BUNTA, CHIE, DAIKI, EMI)


def history(*given: tuple[MemberId, Rule], undone: int = 0, own: bool = False) -> dict[str, Handover]:
    """Handovers in their order; the one numbered `undone` was undone."""
    return {
        str(n): Handover(str(n), member, (rule,), n, own, undone == n) for n, (member, rule) in enumerate(given, 1)
    }


def to(*members: MemberId) -> Rule:
    return Rule(members)


def test_who_gave_nothing_away_does_it() -> None:
    assert successors({}, AIKO, PLACE, 0) == (AIKO,)


def test_a_chain_leads_on() -> None:
    assert successors(history((AIKO, to(BUNTA)), (BUNTA, to(CHIE))), AIKO, PLACE, 0) == (CHIE,)


def test_what_came_later_is_not_passed_on_by_what_was_before() -> None:
    assert successors(history((BUNTA, to(CHIE)), (AIKO, to(BUNTA))), AIKO, PLACE, 0) == (BUNTA,)


def test_handing_back_leads_back() -> None:
    given = history((AIKO, to(BUNTA)), (BUNTA, to(AIKO)))
    assert [successors(given, member, PLACE, 0) for member in (AIKO, BUNTA)] == [(AIKO,), (AIKO,)]


def test_what_was_undone_leads_nowhere() -> None:
    assert successors(history((AIKO, to(BUNTA)), undone=1), AIKO, PLACE, 0) == (AIKO,)


def test_a_rule_is_about_its_place_only() -> None:
    given = history((AIKO, Rule((BUNTA,), PROCEDURE)), (AIKO, to(CHIE)))
    assert successors(given, AIKO, PLACE, 0) == (BUNTA,)
    assert successors(given, AIKO, ELSEWHERE, 0) == (CHIE,)


def test_several_take_turns() -> None:
    given = history((AIKO, to(BUNTA, CHIE)))
    assert [successors(given, AIKO, PLACE, turn) for turn in (0, 1)] == [(BUNTA, CHIE), (CHIE, BUNTA)]


def test_what_members_decided_themselves_is_passed_over_where_it_is_not_trusted() -> None:
    assert successors(history((AIKO, to(BUNTA)), own=True), AIKO, PLACE, 0, trusted=False) == (AIKO,)


@for_all(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True)))
)
def test_every_history_ends_with_people_who_have_not_passed_it_on_since(
    given: list[tuple[MemberId, list[MemberId]]],
) -> None:
    """Whatever was handed over in circles, somebody does it, and nobody is asked twice."""
    handovers = history(*((member, Rule(tuple(others))) for member, others in given))
    for member in PEOPLE:
        found = successors(handovers, member, PLACE, 0)
        assert found
        assert len(set(found)) == len(found)
    for last, _ in given[-1:]:
        gave = handovers[str(len(given))].rules[0].to
        assert (last in successors(handovers, last, PLACE, 0)) <= (last in gave)
