"""What a member holds: open steps, the company's roles, and procedures that name them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.ids import MemberId, ProcedureId, RoleId, RunId, StepId
from domain.procedures.definition import Definition, Step
from domain.procedures.state import Procedure
from domain.runs.events import StepReassigned
from domain.runs.state import Run
from domain.tenants.handovers import Place, successors
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class Case:
    """A run as a decision about many looks at it."""

    id: RunId
    run: Run
    definition: Definition

    def place(self, step: StepId) -> Place:
        """Where a step's duty stands."""
        return Place(self.run.procedure, self.definition.department, self.definition.step(step).role)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A ready step of an open run, and who is to do it."""

    case: Case
    step: Step
    assignee: MemberId | None

    def bars(self, member: MemberId) -> bool:
        """True for someone who did a step that this one may not be done by the same person as."""
        return any(self.case.run.steps[other].by == member for other in self.step.not_same_actor_as)

    def given_to(self, member: MemberId) -> StepReassigned:
        """The event that gives it to someone else."""
        return StepReassigned(self.step.id, self.assignee, member)


@dataclass(frozen=True, slots=True)
class Duties:
    """What a member holds; nothing when it is empty."""

    steps: tuple[OpenStep, ...] = ()
    roles: tuple[RoleId, ...] = ()
    procedures: tuple[ProcedureId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps or self.roles or self.procedures)


@dataclass(frozen=True, slots=True)
class World:
    """What a decision about many runs looks at: every run where the member has a step, and procedures that name them.

    `loads` are the open steps of each person.
    """

    tenant: Tenant
    cases: Mapping[RunId, Case] = field(default_factory=dict)
    procedures: Mapping[ProcedureId, Procedure] = field(default_factory=dict)
    loads: Mapping[MemberId, int] = field(default_factory=dict)


def duties_of(world: World, member: MemberId) -> Duties:
    """What the member holds in that world."""
    return Duties(
        tuple(open_steps(world.cases.values(), member)),
        tuple(role for role, holders in world.tenant.holders.items() if member in holders),
        tuple(p for p, procedure in world.procedures.items() if names(world.tenant, p, procedure, member)),
    )


def open_steps(cases: Iterable[Case], member: MemberId) -> Iterator[OpenStep]:
    """The ready steps of open runs that are the member's to do."""
    for case in cases:
        if case.run.is_open:
            for name, state in case.run.steps.items():
                if state.status == "ready" and state.assignee == member:
                    yield OpenStep(case, case.definition.step(name), member)


def names(tenant: Tenant, procedure: ProcedureId, state: Procedure, member: MemberId) -> bool:
    """True when runs that start now would bring the member work by name, and nobody does it instead of them."""
    definition = state.versions.get(state.version)
    if definition is None or state.retired:
        return False
    return any(
        role.rule == "member"
        and role.member == member
        and member in successors(
            tenant.handovers,
            member,
            Place(procedure, definition.department, role.id),
            0,
            trusted=not definition.confidential,
        )
        for role in definition.roles
    )
