"""From a role to a person, by a named rule, at the moment a step becomes ready."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import MemberId, RunId
from domain.procedures.definition import Definition, Role, Step
from domain.runs.state import Run
from domain.tenants.handovers import Place, standing_in, successors
from domain.tenants.state import Tenant

Found = Iterator[tuple[MemberId, str]]


@dataclass(frozen=True, slots=True)
class People:
    """Whom work can go to at an instant, and how many open steps each has, as far as that is known."""

    tenant: Tenant
    at: datetime
    loads: Mapping[MemberId, int] = field(default_factory=dict)

    def is_away(self, member: MemberId) -> bool:
        """True for someone who is away on that day."""
        return member in self.tenant.absences and self.tenant.is_away(member, self.tenant.today(self.at))


def assignee(
    run_id: RunId, run: Run, step: Step, definition: Definition, people: People
) -> tuple[MemberId | None, str]:
    """Who is to do the step, and the rule that said so; (None, "open") when nobody fits.

    A step that was done before returns to whoever did it. What would come to someone by name goes along their
    handovers (`handover`), and past who is away to their delegates (`absence`). Whoever `not_same_actor_as` rules out
    is passed over. Who is away has it when nobody else can.
    """
    barred = {run.steps[other].by for other in step.not_same_actor_as}
    away: list[tuple[MemberId, str]] = []
    for member, rule in _candidates(run_id, run, step, definition, people):
        if not people.tenant.can_do_steps(member) or member in barred:
            continue
        if not people.is_away(member):
            return member, rule
        away.append((member, rule))
    return away[0] if away else (None, "open")


def _candidates(run_id: RunId, run: Run, step: Step, definition: Definition, people: People) -> Found:
    role = definition.role(step.role)
    turn = int(run_id[-8:], 16)
    for named, rule in _named(run, step, role):
        for member in _instead(named, run, role, definition, people, turn):
            yield from _or_delegates(member, rule if member == named else "handover", people)
    if role.rule != "open" and not (role.rule == "starter" or (role.rule == "member" and role.member)):
        for member, rule in _holders(role, turn, people):
            yield from _or_delegates(member, rule, people)


def _instead(
    named: MemberId, run: Run, role: Role, definition: Definition, people: People, turn: int
) -> Sequence[MemberId]:
    """Who does what would come to someone by name: themselves, or whom they handed it over to."""
    if not people.tenant.handovers:
        return (named,)
    place = Place(run.procedure, definition.department, role.id)
    return successors(people.tenant.handovers, named, place, turn, trusted=not definition.confidential)


def _named(run: Run, step: Step, role: Role) -> Found:
    """Those whom a rule means by name."""
    before = run.steps[step.id].by
    if before is not None:
        yield before, "did_it_before"
    if role.rule == "member" and role.member:
        yield role.member, role.rule
    if role.rule == "starter":
        yield run.starter, role.rule
    if role.rule == "same_as" and role.step and (by := run.steps[role.step].by):
        yield by, role.rule


def _holders(role: Role, turn: int, people: People) -> Sequence[tuple[MemberId, str]]:
    """Those who hold the role, in the order in which its rule thinks of them."""
    holders = people.tenant.active_holders(role.id)
    if role.rule == "spread" and holders:
        first = turn % len(holders)
        holders = (*holders[first:], *holders[:first])
    if role.rule == "least_loaded":
        loads = {member: people.loads.get(member, 0) for member in holders}
        # What it saw goes into the event: a replay looks nothing up, and an auditor can count again.
        return [(member, f"least_loaded:{loads[member]}") for member in sorted(holders, key=loads.__getitem__)]
    return [(member, role.rule) for member in holders]


def _or_delegates(member: MemberId, rule: str, people: People) -> Found:
    """Whoever does the member's work on that day; then the member."""
    if member not in people.tenant.absences:
        yield member, rule
        return
    for instead in standing_in(people.tenant.absences, member, people.tenant.today(people.at)):
        yield instead, rule if instead == member else "absence"
    yield member, rule
