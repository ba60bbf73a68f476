"""What stops if somebody is away (属人化): now, or as of then."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from domain.ids import MemberId, TenantId
from domain.tenants.state import Tenant
from queries.asking import Ask, AsOf
from queries.due_steps import DueStep, due_steps
from queries.load import load
from queries.only_they_did import OnlyThey, only_they_did
from queries.seen import Viewer
from services.by_rule import by_rule, holidays_around, only_theirs

MOST_SHOWN = 100


class WhatStops(Struct, kw_only=True, frozen=True):
    """What depends on a member. `due` shows the first of their steps that are due; of roles, those only they hold.

    `steps` are steps of procedures that nobody else ever did, or nobody else may do; `approvals` those among them
    that are approvals nobody else may give.
    """

    member: str
    open_steps: int
    overdue: int
    roles: Sequence[str]
    approvals: Sequence[OnlyThey]
    steps: Sequence[OnlyThey]
    due: Sequence[DueStep]


async def what_stops(
    ask: Ask,
    tenant_id: TenantId,
    tenant: Tenant,
    member: MemberId,
    *,
    today: date,
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> WhatStops:
    """What stops without the member; `tenant` is the company as it was then."""
    held = await load(ask, tenant_id, today=today, member=member, as_of=as_of)
    roles = only_theirs(tenant, member)
    only = await only_they_did(ask, tenant_id, member=member, roles=roles, viewer=viewer, as_of=as_of)
    due = await due_steps(
        ask,
        tenant_id,
        today=today,
        since=date.min,
        until=date.max,
        by_rule=by_rule(tenant, viewer),
        holidays=holidays_around(today),
        member=member,
        viewer=viewer,
        limit=MOST_SHOWN,
        as_of=as_of,
    )
    return WhatStops(
        member=member,
        open_steps=sum(row.open for row in held),
        overdue=sum(row.overdue for row in held),
        roles=roles,
        approvals=[step for step in only if step.approval and step.only_they_may],
        steps=only,
        due=due,
    )
