"""What must not be erased (保全), how long runs are kept (保存期間), and how a company ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.erasure.erasing import OnHold
from domain.ids import MemberId, ProcedureId, RunId
from domain.procedures.state import Procedure
from domain.reasons import need_reason
from domain.refusals import InvalidInput, NotFound, Refusal
from domain.runs.state import Run
from domain.tenants import erasure_events as e
from domain.tenants.decisions import member_of
from domain.tenants.keeping import EVERY_OTHER, Hold
from domain.tenants.state import Tenant

LEAST_NOTICE = timedelta(days=30)
"""Between the announcement of an end and the destruction of keys: time to take everything along."""
LONGEST_NOTICE = timedelta(days=10 * 366)
MOST_YEARS = 100
MOST_HOLDS = 10_000


class NotEnding(Refusal):
    """The company's end was not announced, or its day has not come."""

    code = "not_ending"


def set_hold(
    tenant: Tenant, hold: str, member: MemberId | None, run: RunId | None, known: Run | None, reason: str | None
) -> list[e.ErasureEvent]:
    """Keep what is there of a member, of a run, or (neither) of the company from being erased, with a reason."""
    if member is not None and run is not None:
        raise InvalidInput("expected a member, a run, or neither to hold, but got both", field="run")
    if member is not None:
        member_of(tenant, member)
    if run is not None and (known is None or known.status == "none"):
        raise NotFound("expected a run of the company, but there is none of that id")
    need_reason(reason, "set a hold")
    if Hold(member, run) in tenant.keeping.holds.values():
        return []
    if len(tenant.keeping.holds) >= MOST_HOLDS:
        raise InvalidInput(f"expected at most {MOST_HOLDS} holds, but there are so many", field="run")
    return [e.HoldSet(hold, member, run)]


def release_hold(tenant: Tenant, hold: str, reason: str | None) -> list[e.ErasureEvent]:
    """End a hold, with a reason."""
    need_reason(reason, "release a hold")
    return [e.HoldReleased(hold)] if hold in tenant.keeping.holds else []


def set_retention(
    tenant: Tenant,
    procedure: ProcedureId | None,
    years: int | None,
    procedures: Mapping[ProcedureId, Procedure],
    reason: str | None,
) -> list[e.ErasureEvent]:
    """Say how many years the runs of a procedure, or of all others, are kept after their end, with a reason."""
    if procedure is not None and procedure not in procedures:
        raise NotFound("expected a procedure of the company, but there is none of that id")
    if years is not None and not 1 <= years <= MOST_YEARS:
        raise InvalidInput(f"expected 1 to {MOST_YEARS} years, or none, but got {years}", field="years")
    need_reason(reason, "change how long runs are kept")
    old = tenant.keeping.years.get(procedure or EVERY_OTHER)
    return [] if old == years else [e.RetentionSet(procedure, old, years)]


def announce_end(
    tenant: Tenant, keys_until: datetime, reason: str | None, at: datetime
) -> list[e.ErasureEvent]:
    """Say that the company leaves, with a reason: read-only at once, its keys destroyed on a day that is not near."""
    need_reason(reason, "announce a company's end")
    if tenant.keeping.keys_until == keys_until:
        return []
    if not at + LEAST_NOTICE <= keys_until <= at + LONGEST_NOTICE:
        sentence = f"expected an instant {LEAST_NOTICE.days} days ahead or later, but got another"
        raise InvalidInput(sentence, field="keys_until")
    return [e.EndAnnounced(keys_until)]


def withdraw_end(tenant: Tenant, reason: str | None) -> list[e.ErasureEvent]:
    """Stay after all, with a reason."""
    need_reason(reason, "withdraw a company's end")
    until = tenant.keeping.keys_until
    return [] if until is None else [e.EndWithdrawn(until)]


def close(tenant: Tenant, reason: str | None, at: datetime) -> list[e.ErasureEvent]:
    """Destroy the keys of a company whose announced end has come, with a reason. Its log stays."""
    if not tenant.exists:
        raise NotFound("expected a company to close, but there is none of that id")
    need_reason(reason, "close a company")
    if tenant.keeping.closed:
        return []
    until = tenant.keeping.keys_until
    if until is None or at < until:
        why = "it was not announced" if until is None else f"its keys stay until {until.isoformat()}"
        raise NotEnding(f"expected a company whose end has come to close, but {why}")
    hold = next(iter(tenant.keeping.holds), None)
    if hold is not None:
        raise OnHold("expected no hold to close a company, but there is one", hold=hold)
    return [e.TenantClosed()]
