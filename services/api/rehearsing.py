"""Rehearsing a change of the plan: the very decision, on today's state, and nothing written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from msgspec import Struct

from commands.catalogue import Narrow
from commands.plans import CancelPlan
from commands.request import Rehearsed
from commands.tenants import ChoosePlan
from domain.refusals import ReasonMissing, Refusal
from domain.tenants.rehearsal import Terms, asked_terms, foresee, present_terms
from domain.tenants.state import Tenant
from services.api.call import Call
from services.api.envelope import request_of

ANY_REASON = "rehearsal"
ENDED = Terms(None, 0, 0)


class Holder(Struct, kw_only=True, frozen=True):
    """Someone who holds a seat."""

    member: str
    name: str


class Replaced(Struct, kw_only=True, frozen=True):
    """A pending change that would not happen any more; `plan` is null for a cancellation."""

    plan: str | None
    seats: int | None
    at: datetime


class Rehearsal(Struct, kw_only=True, frozen=True):
    """What would happen, and when (`at`); of what would be refused, the problem's `code` and `detail`.

    `present` and `new` are the terms now and then; `yen_difference` is a month's. `needs_reason`: the change itself
    needs one, and none was given here. `held_by` tells who holds a seat where there are `surplus` too many.
    """

    outcome: Literal["at_once", "scheduled", "withdrawn", "unchanged", "refused"]
    at: datetime | None
    code: str | None
    detail: str | None
    surplus: int
    held_by: Sequence[Holder]
    needs_reason: bool
    seats_held: int
    present: Terms
    new: Terms
    yen_difference: int
    replaces: Replaced | None


async def rehearsed(call: Call, command: ChoosePlan | CancelPlan) -> Rehearsal:
    """The rehearsal of a command. Raises what no company's state could make better: InvalidInput, NotPermitted."""
    found, needs_reason = await _decided(call, command)
    tenant: Tenant = found.state
    if found.refusal is not None:
        return _refused(call, command, tenant, found.refusal, needs_reason)
    seen = foresee(tenant, found.events, call.at)
    old = seen.replaces
    return _answer(
        tenant,
        call.at,
        seen.terms,
        needs_reason,
        outcome=seen.outcome,
        at=seen.at,
        replaces=Replaced(plan=old.plan, seats=old.seats, at=old.at) if old else None,
    )


async def _decided(call: Call, command: Narrow) -> tuple[Rehearsed, bool]:
    """The decision; where it only lacks a reason, as it would be with one."""
    request = request_of(call)
    found = await call.deps.commands.rehearse(request, command)
    if not isinstance(found.refusal, ReasonMissing):
        return found, False
    return await call.deps.commands.rehearse(replace(request, reason=ANY_REASON), command), True


def _refused(
    call: Call, command: ChoosePlan | CancelPlan, tenant: Tenant, refusal: Refusal, needs_reason: bool
) -> Rehearsal:
    if refusal.kind == "invalid":
        raise refusal
    new = ENDED if isinstance(command, CancelPlan) else asked_terms(tenant, command.plan, command.seats, call.at)
    surplus, held_by = refusal.facts.get("surplus"), refusal.facts.get("held_by")
    return _answer(
        tenant,
        call.at,
        new,
        needs_reason,
        outcome="refused",
        code=refusal.code,
        detail=refusal.sentence,
        surplus=surplus if isinstance(surplus, int) else 0,
        held_by=[Holder(member=m, name=tenant.members[m].name) for m in held_by] if isinstance(held_by, list) else [],
    )


def _answer(
    tenant: Tenant,
    now: datetime,
    new: Terms,
    needs_reason: bool,
    *,
    outcome: Literal["at_once", "scheduled", "withdrawn", "unchanged", "refused"],
    at: datetime | None = None,
    code: str | None = None,
    detail: str | None = None,
    surplus: int = 0,
    held_by: Sequence[Holder] = (),
    replaces: Replaced | None = None,
) -> Rehearsal:
    present = present_terms(tenant)
    return Rehearsal(
        outcome=outcome,
        at=at,
        code=code,
        detail=detail,
        surplus=surplus,
        held_by=held_by,
        needs_reason=needs_reason,
        seats_held=tenant.seats_held(now),
        present=present,
        new=new,
        yen_difference=new.yen_a_month - present.yen_a_month,
        replaces=replaces,
    )
