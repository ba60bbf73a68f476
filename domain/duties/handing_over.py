"""Handover (引継ぎ): everything a member holds goes to others by rules, in one decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.confidential import may_see_definition
from domain.duties.held import Duties, OpenStep, World, duties_of
from domain.ids import MemberId, RunId
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from domain.runs.events import RunEvent
from domain.runs.state import fold as fold_run
from domain.tenants import duty_events as d
from domain.tenants import events as e
from domain.tenants.decisions import member_of
from domain.tenants.folding import fold as fold_tenant
from domain.tenants.handovers import Receiver, Rule, Staying
from domain.tenants.member import Member
from domain.tenants.permissions import MANAGERS
from domain.tenants.state import Tenant

MOST_RULES = 100


class HandoverToSelf(Refusal):
    """A handover names the one who hands over as a receiver."""

    code = "handover_to_self"
    kind = "invalid"
    recorded = True


class HandoverToUnfit(Refusal):
    """A handover names a receiver who cannot do steps: who is not active, or only reads."""

    code = "handover_to_unfit"
    recorded = True


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision about many streams appends: to the runs, and to the company's own."""

    runs: Mapping[RunId, Sequence[RunEvent]]
    company: Sequence[e.TenantEvent] = ()

    @property
    def steps(self) -> int:
        """How many steps change hands."""
        return sum(map(len, self.runs.values()))


NOTHING = Decided({})


def hand_over(
    world: World, handover: str, member: MemberId, rules: Sequence[Rule], by: Member, reason: str | None
) -> Decided:
    """Give everything a member holds to others, with a reason; a manager does it, or they themselves.

    A step goes to the receiver of the first rule about it with the least load whom nothing bars. What no rule is
    about, or nobody may receive, stays and is named with the reason.
    """
    tenant = world.tenant
    member_of(tenant, member)
    own = _is_own(member, by)
    need_reason(reason, "hand over")
    check_rules(world, member, rules)
    duties = duties_of(world, member)
    given, stays = _given(world, duties.steps, rules, own)
    holders, kept = _roles(tenant, duties, member, rules, own)
    if not given and not holders and _is_in_force(tenant, member, rules):
        return NOTHING
    receivers = _received(world, rules, given)
    done = d.HandedOver(handover, member, tuple(rules), own, len(given), receivers, (*stays, *kept))
    return Decided(by_run((step, to) for step, to in given), [*holders, done])


def after(world: World, decided: Decided) -> World:
    """The world once a decision is carried out, as far as duties go."""
    cases = {
        run: replace(case, run=fold_run(decided.runs[run], case.run)) if run in decided.runs else case
        for run, case in world.cases.items()
    }
    return replace(world, tenant=fold_tenant(decided.company, world.tenant), cases=cases)


def by_run(given: Iterable[tuple[OpenStep, MemberId]]) -> dict[RunId, list[RunEvent]]:
    """The reassignments of each run."""
    runs: dict[RunId, list[RunEvent]] = {}
    for step, to in given:
        runs.setdefault(step.case.id, []).append(step.given_to(to))
    return runs


def check_rules(world: World, member: MemberId, rules: Sequence[Rule]) -> None:
    """Rules that can be followed: there is one, receivers can do steps, and what they name is known."""
    if not 1 <= len(rules) <= MOST_RULES or not all(rule.to for rule in rules):
        raise InvalidInput(f"expected 1 to {MOST_RULES} rules with receivers, but got others", field="rules")
    for rule in rules:
        _check_names(world, rule)
        if len(set(rule.to)) != len(rule.to):
            raise InvalidInput("expected each receiver once in a rule, but one is there twice", field="rules")
        for receiver in rule.to:
            if receiver == member:
                raise HandoverToSelf("expected others to hand over to, but it is the member themselves")
            check_receiver(world.tenant, receiver)


def check_receiver(tenant: Tenant, receiver: MemberId) -> None:
    """Someone whom work can be given to. Raises NotFound, HandoverToUnfit."""
    found = member_of(tenant, receiver)
    if not found.may_do_steps:
        sentence = f"expected receivers who complete steps, but one is an {found.permission}"
        raise HandoverToUnfit(sentence, member=receiver)
    if found.status != "active":
        raise HandoverToUnfit(f"expected active receivers, but one is {found.status}", member=receiver)


def _check_names(world: World, rule: Rule) -> None:
    if rule.procedure is not None and rule.procedure not in world.procedures:
        raise NotFound("expected a procedure of the company, but there is none of that id")
    definitions = [case.definition for case in world.cases.values()] if rule.department or rule.role else []
    departments = {*world.tenant.departments, *(d.department for d in definitions)}
    if rule.department is not None and rule.department not in departments:
        raise NotFound(f"expected a known department, but there is no {rule.department!r}", field="rules")
    roles = {*world.tenant.holders, *(role.id for d in definitions for role in d.roles)}
    if rule.role is not None and rule.role not in roles:
        raise NotFound(f"expected a known role, but there is no {rule.role!r}", field="rules")


def open_steps_to(
    world: World, member: MemberId, to: tuple[MemberId, ...], by: Member
) -> dict[RunId, list[RunEvent]]:
    """The member's open steps to these people, as far as they may have them; the rest stays."""
    given, _ = _given(world, duties_of(world, member).steps, (Rule(to),), _is_own(member, by))
    return by_run(given)


def _is_own(member: MemberId, by: Member) -> bool:
    """True for a member's own decision; others' things are for managers."""
    if by.permission in MANAGERS:
        return False
    if member != by.id:
        may = ", ".join(sorted(MANAGERS))
        raise NotPermitted(f"expected one of {may} to hand over for another, but they are {by.permission}")
    return True


def _given(
    world: World, steps: Sequence[OpenStep], rules: Sequence[Rule], own: bool
) -> tuple[list[tuple[OpenStep, MemberId]], list[Staying]]:
    loads = dict(world.loads)
    given: list[tuple[OpenStep, MemberId]] = []
    stays: list[Staying] = []
    for step in steps:
        place = step.case.place(step.step.id)
        rule = next((rule for rule in rules if rule.fits(place)), None)
        fitting, why = ((), "no_rule") if rule is None else _fitting(world.tenant, step, rule, own)
        if not fitting:
            stays.append(Staying(why, step.case.id, step.step.id, step.step.role))
            continue
        to = min(fitting, key=lambda member: loads.get(member, 0))
        loads[to] = loads.get(to, 0) + 1
        given.append((step, to))
    return given, stays


def _fitting(tenant: Tenant, step: OpenStep, rule: Rule, own: bool) -> tuple[Sequence[MemberId], str]:
    """The receivers who may have the step; and why not, when there is none.

    A manager may let someone see a confidential run by giving them work in it; whoever only decides for themselves
    gives it to those who may see the procedure anyway.
    """
    free = [member for member in rule.to if not step.bars(member)]
    if not free:
        return (), "same_actor"
    if own and step.case.run.confidential:
        free = [m for m in free if may_see_definition(step.case.definition, tenant, tenant.members[m])]
    return free, "confidential"


def _roles(
    tenant: Tenant, duties: Duties, member: MemberId, rules: Sequence[Rule], own: bool
) -> tuple[list[e.TenantEvent], list[Staying]]:
    """Who holds the member's roles from now on, in their place. Holding a role is for managers to give."""
    holders: list[e.TenantEvent] = []
    stays: list[Staying] = []
    for role in duties.roles:
        rule = next((rule for rule in rules if rule.fits_role(role)), None)
        if rule is None or own:
            stays.append(Staying("managers_only" if rule else "no_rule", role=role))
            continue
        old = tenant.holders[role]
        place = old.index(member)
        others = [*old[:place], *(m for m in rule.to if m not in old), *old[place + 1 :]]
        holders.append(d.RoleHoldersSet(role, old, tuple(others)))
    return holders, stays


def _received(
    world: World, rules: Sequence[Rule], given: Sequence[tuple[OpenStep, MemberId]]
) -> tuple[Receiver, ...]:
    steps = dict.fromkeys((member for rule in rules for member in rule.to), 0)
    for _, to in given:
        steps[to] += 1
    return tuple(Receiver(member, count, world.loads.get(member, 0)) for member, count in steps.items())


def _is_in_force(tenant: Tenant, member: MemberId, rules: Sequence[Rule]) -> bool:
    """True when what would come to the member by name goes by these rules already."""
    last = max((h.number for h in tenant.handovers.values()), default=0)
    return any(
        h.number == last and not h.undone and h.member == member and h.rules == tuple(rules)
        for h in tenant.handovers.values()
    )
