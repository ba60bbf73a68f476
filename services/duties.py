"""What someone has to do, asked anew: open steps, roles, and procedures that name them; now, or as of then."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from domain.duties.held import names
from domain.ids import DepartmentId, MemberId, ProcedureId, RoleId, TenantId
from domain.procedures.state import fold
from domain.tenants.handovers import Absence, Place, successors
from domain.tenants.state import Tenant
from queries.asking import Ask, AsOf
from queries.load import LoadRow, load
from queries.my_tasks import TaskRow, my_tasks
from queries.named_in import NamedRow, named_in
from services.dossier import Streams
from services.past import events_then

MOST_SHOWN = 100
ANYWHERE = Place(ProcedureId(""), DepartmentId(""), RoleId(""))
"""Where only a rule about everything reaches."""


class Duties(Struct, kw_only=True, frozen=True):
    """What a member holds. `clear` is the closing proof: no open step, no role, no procedure that brings them work.

    `steps` shows the first of the open steps; all of them are at `/v1/tasks?assignee=`. `passed_on` says that what
    would come to them by name from now on goes to others.
    """

    member: str
    clear: bool
    passed_on: bool
    open_steps: int
    approvals: int
    overdue: int
    due_this_week: int
    roles: Sequence[str]
    procedures: Sequence[NamedRow]
    absences: Sequence[Absence]
    load: Sequence[LoadRow]
    steps: Sequence[TaskRow]


async def duties_of(
    ask: Ask,
    streams: Streams,
    tenant_id: TenantId,
    tenant: Tenant,
    member: MemberId,
    *,
    today: date,
    as_of: AsOf | None = None,
) -> Duties:
    """What the member holds; `tenant` is the company as it was then."""
    rows = await load(ask, tenant_id, today=today, member=member, as_of=as_of)
    steps = await my_tasks(
        ask, tenant_id, member=member, roles=(), today=today, limit=MOST_SHOWN, as_of=as_of
    )
    roles = [role for role, holders in tenant.holders.items() if member in holders]
    named = [
        row
        for row in await named_in(ask, tenant_id, member, as_of=as_of)
        if await _is_named(ask, streams, tenant_id, tenant, member, ProcedureId(row.procedure_id), as_of)
    ]
    count = sum(row.open for row in rows)
    return Duties(
        member=member,
        clear=not (count or roles or named),
        passed_on=member not in successors(tenant.handovers, member, ANYWHERE, 0),
        open_steps=count,
        approvals=sum(row.approvals for row in rows),
        overdue=sum(row.overdue for row in rows),
        due_this_week=sum(row.due_this_week for row in rows),
        roles=roles,
        procedures=named,
        absences=tenant.absences.get(member, ()),
        load=rows,
        steps=steps,
    )


async def _is_named(
    ask: Ask,
    streams: Streams,
    tenant_id: TenantId,
    tenant: Tenant,
    member: MemberId,
    procedure: ProcedureId,
    as_of: AsOf | None,
) -> bool:
    """True when the procedure brings them work that nobody does instead."""
    return names(tenant, procedure, fold(await events_then(ask, streams, tenant_id, procedure, as_of)), member)
