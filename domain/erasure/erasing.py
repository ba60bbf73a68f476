"""Erasing a person (消去): a former member, whom closed runs were about, or both, in one decision."""

from collections.abc import Sequence
from datetime import date

from domain.duties.handing_over import NOTHING, Decided
from domain.duties.held import World
from domain.ids import MemberId, RunId
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, Refusal
from domain.runs.events import SubjectErased
from domain.tenants.decisions import check_owner, member_of
from domain.tenants.erasure_events import PersonErased
from domain.tenants.member import Member

MOST_RUNS = 1_000


class StillMember(Refusal):
    """Who is a member, or is invited, cannot be erased: their membership ends first."""

    code = "still_member"
    recorded = True


class StillOpen(Refusal):
    """Whom an open run is about cannot be erased: it is completed or cancelled first."""

    code = "still_open"
    recorded = True


class OnHold(Refusal):
    """A legal hold keeps what was to be erased; it is released first, with a reason."""

    code = "on_hold"
    recorded = True


class StillKept(Refusal):
    """The period for which the procedure's runs are kept is not over."""

    code = "still_kept"
    recorded = True


def erase(
    world: World,
    erasure: str,
    member: MemberId | None,
    runs: Sequence[RunId],
    by: Member,
    reason: str | None,
    today: date,
) -> Decided:
    """Erase a person's data for good, with a reason; what was erased before is so already."""
    if (member is None and not runs) or len(runs) > MOST_RUNS:
        raise InvalidInput(f"expected a former member, or up to {MOST_RUNS} runs, but got neither", field="runs")
    need_reason(reason, "erase a person")
    left = _member_left(world, member, by)
    open_to_it = [run for run in dict.fromkeys(runs) if not _is_erased(world, run)]
    _check_kept(world, left, open_to_it, today)
    if left is None and not open_to_it:
        return NOTHING
    return Decided(
        {run: [SubjectErased(erasure)] for run in open_to_it},
        [PersonErased(erasure, left, tuple(open_to_it))],
    )


def _member_left(world: World, member: MemberId | None, by: Member) -> MemberId | None:
    """The member, unless there is none or they were erased. Raises NotFound, NotPermitted, StillMember."""
    if member is None:
        return None
    found = member_of(world.tenant, member)
    if found.erased:
        return None
    check_owner(found.permission, by, "erase an owner")
    if found.status in ("active", "invited"):
        raise StillMember(f"expected a former member to erase, but they are {found.status}", status=found.status)
    return member


def _check_kept(world: World, member: MemberId | None, runs: Sequence[RunId], today: date) -> None:
    """Refuse what a hold keeps, or a period that is not over. Raises OnHold, StillKept."""
    keeping = world.tenant.keeping
    holds = [keeping.holding(member=member)] if member else []
    hold = next((name for name in (*holds, *(keeping.holding(run=run) for run in runs)) if name), None)
    if hold is not None:
        raise OnHold("expected no hold on whom is to be erased, but there is one", hold=hold)
    for run in runs:
        state = world.cases[run].run
        until = keeping.kept_until(state.procedure, state.ended_on) if state.ended_on else None
        if until is not None and today < until:
            raise StillKept(f"expected a run that need not be kept any more, but it is until {until}", run=run)


def _is_erased(world: World, run: RunId) -> bool:
    """Whether it was erased before. Raises NotFound, StillOpen."""
    case = world.cases.get(run)
    if case is None:
        raise NotFound("expected a run of the company, but there is none of that id")
    if case.run.is_open:
        raise StillOpen("expected a closed run to erase whom it was about, but it is open", run=run)
    return case.run.erased
