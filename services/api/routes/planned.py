"""What a command about many runs would do, as an answer."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from commands.many import View
from domain.duties.handing_over import Decided
from domain.ids import DepartmentId, MemberId, ProcedureId, RoleId
from domain.runs.events import StepReassigned
from domain.tenants.duty_events import HandedOver, RoleHoldersSet
from domain.tenants.handovers import Receiver, Rule, Staying
from services.api.duty_bodies import RuleBody


class PlannedStep(Struct, kw_only=True, frozen=True):
    """A step that would change hands."""

    run: str
    subject: str
    procedure: str
    department: str
    step: str
    title: str
    approval: bool
    old: str | None
    new: str


class PlannedRole(Struct, kw_only=True, frozen=True):
    """A role that others would hold."""

    role: str
    old: Sequence[str]
    new: Sequence[str]


class Planned(Struct, kw_only=True, frozen=True):
    """What would change hands, and what would stay and why; nothing was changed. Empty when it is so already."""

    steps: list[PlannedStep]
    roles: list[PlannedRole]
    receivers: Sequence[Receiver]
    stays: Sequence[Staying]


def planned(view: View, decided: Decided) -> Planned:
    """What was decided, in words of the answer."""
    handed = next((event for event in decided.company if isinstance(event, HandedOver)), None)
    return Planned(
        steps=[step for run, events in decided.runs.items() for step in _steps(view, run, events)],
        roles=[
            PlannedRole(role=event.role, old=event.old, new=event.new)
            for event in decided.company
            if isinstance(event, RoleHoldersSet)
        ],
        receivers=handed.receivers if handed else (),
        stays=handed.stays if handed else (),
    )


def rules_of(bodies: Iterable[RuleBody]) -> tuple[Rule, ...]:
    """The rules of a body."""
    return tuple(
        Rule(
            tuple(map(MemberId, body.to)),
            None if body.procedure is None else ProcedureId(body.procedure),
            None if body.department is None else DepartmentId(body.department),
            None if body.role is None else RoleId(body.role),
        )
        for body in bodies
    )


def _steps(view: View, stream: str, events: Iterable[object]) -> Iterable[PlannedStep]:
    run = view.known[stream].state
    definition = view.known[run.procedure].state.versions[run.procedure_version]
    for event in events:
        if isinstance(event, StepReassigned):
            step = definition.step(event.step)
            yield PlannedStep(
                run=stream,
                subject=run.subject,
                procedure=run.procedure,
                department=definition.department,
                step=step.id,
                title=step.title,
                approval=step.approval,
                old=event.old,
                new=event.new,
            )
