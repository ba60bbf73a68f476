"""Handover (引継ぎ): which duty goes to whom by which rule, and what stays and why."""

from dataclasses import replace

import pytest

from domain.duties.handing_over import Decided, hand_over
from domain.duties.held import Case, World, duties_of
from domain.ids import DepartmentId, MemberId, ProcedureId, RoleId, RunId
from domain.procedures.definition import Role
from domain.procedures.state import Procedure
from domain.refusals import InvalidInput, NotFound
from domain.runs.events import StepReassigned
from domain.runs.state import fold
from domain.tenants.duty_events import HandedOver, RoleHoldersSet
from domain.tenants.folding import evolve
from domain.tenants.handovers import Rule, Staying
from tests.domain.joinings import STARTED
from tests.people import (
    AIKO,
    BUNTA,
    CHIE,
    DAIKI,
    GORO,
    HR,
    IKUKO,
    JOINING,
    OFFER,
    PROCEDURE,
    RUN,
    TENANT,
)

WHY = "異動"
STARTED_RUN = fold(STARTED)
ANOTHER = RunId("0199b000-0000-7000-8000-000000000001")
WORLD = World(TENANT, {run: Case(run, STARTED_RUN, JOINING) for run in (RUN, ANOTHER)}, {PROCEDURE: Procedure()})


def handed(world: World, *rules: Rule, by: MemberId = BUNTA, giver: MemberId = AIKO) -> Decided:
    """What comes of a handover of Aiko's things."""
    return hand_over(world, "id", giver, rules, TENANT.members[by], WHY)


def done(decided: Decided) -> HandedOver:
    [event] = [event for event in decided.company if isinstance(event, HandedOver)]
    return event


def to(decided: Decided) -> list[MemberId]:
    return [e.new for events in decided.runs.values() for e in events if isinstance(e, StepReassigned)]


def test_the_first_rule_that_fits_counts() -> None:
    by_place = (Rule((GORO,), PROCEDURE), Rule((CHIE,)))
    assert to(handed(WORLD, *by_place)) == [GORO, GORO]
    elsewhere = (Rule((GORO,), department=DepartmentId("it")), Rule((CHIE,), role=HR))
    world = replace(WORLD, tenant=replace(TENANT, departments={DepartmentId("it"): "情シス"}))
    assert to(handed(world, *elsewhere)) == [CHIE, CHIE]


def test_who_has_less_gets_more() -> None:
    decided = handed(replace(WORLD, loads={CHIE: 5}), Rule((CHIE, DAIKI)))
    assert to(decided) == [DAIKI, DAIKI]
    assert [(r.member, r.steps, r.load) for r in done(decided).receivers] == [(CHIE, 0, 5), (DAIKI, 2, 0)]


def test_what_no_rule_is_about_stays() -> None:
    decided = handed(WORLD, Rule((CHIE,), role=RoleId("it")))
    assert to(decided) == []
    assert done(decided).stays == (
        Staying("no_rule", RUN, OFFER, HR),
        Staying("no_rule", ANOTHER, OFFER, HR),
        Staying("no_rule", role=HR),
    )


def test_receivers_take_the_givers_place_in_a_role() -> None:
    [holders] = [e for e in handed(WORLD, Rule((CHIE, IKUKO))).company if isinstance(e, RoleHoldersSet)]
    assert holders == RoleHoldersSet(HR, (AIKO, IKUKO), (CHIE, IKUKO))


def test_members_hand_over_their_own_steps_but_give_nobody_a_role() -> None:
    decided = handed(WORLD, Rule((CHIE,)), by=AIKO)
    assert to(decided) == [CHIE, CHIE]
    assert done(decided).own
    assert done(decided).stays == (Staying("managers_only", role=HR),)
    assert not handed(WORLD, Rule((CHIE,))).company[-1].own  # type: ignore[union-attr]


@pytest.mark.parametrize(("by", "expected"), [(AIKO, [IKUKO]), (BUNTA, [CHIE])])
def test_members_let_nobody_see_what_is_confidential(by: MemberId, expected: list[MemberId]) -> None:
    """Ikuko holds a role of the procedure, so she may see it; Chie need not know; a manager decides."""
    secret = replace(JOINING, confidential=True, roles=tuple(r for r in JOINING.roles if r.id != "it"))
    steps = tuple(step for step in JOINING.steps if step.role != "it")
    case = Case(RUN, replace(STARTED_RUN, confidential=True), replace(secret, steps=steps))
    world = replace(WORLD, cases={RUN: case}, loads={IKUKO: 9})
    assert to(handed(world, Rule((CHIE, IKUKO)), by=by)) == expected
    if by == AIKO:
        decided = handed(world, Rule((CHIE,)), by=by)
        assert done(decided).stays[0] == Staying("confidential", RUN, OFFER, HR)


def test_a_procedure_that_names_someone_is_a_duty_until_it_is_handed_over() -> None:
    named = replace(JOINING, roles=(Role(HR, "人事", "member", member=AIKO), *JOINING.roles[1:]))
    world = replace(WORLD, procedures={PROCEDURE: Procedure(versions={1: named})})
    assert duties_of(world, AIKO).procedures == (PROCEDURE,)
    handover = done(handed(world, Rule((CHIE,))))
    after = replace(world, tenant=evolve(handover, TENANT))
    assert duties_of(after, AIKO).procedures == ()


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        ((), InvalidInput),
        ((Rule(()),), InvalidInput),
        ((Rule((CHIE, CHIE)),), InvalidInput),
        ((Rule((CHIE,), ProcedureId("unknown")),), NotFound),
        ((Rule((CHIE,), department=DepartmentId("unknown")),), NotFound),
        ((Rule((CHIE,), role=RoleId("unknown")),), NotFound),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(rules: tuple[Rule, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        handed(WORLD, *rules)
