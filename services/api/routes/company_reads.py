"""Questions about the company: who I am, members, departments, roles and seats."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from domain.confidential import is_from_outside
from domain.refusals import NotFound
from domain.tenants.folding import fold
from domain.tenants.permissions import Permission
from domain.tenants.plan_state import Ended
from queries.departments import DepartmentRow, departments
from queries.members import MemberRow, members
from queries.seats import SeatHolder, SeatMonth, SeatUsage, seat_holders, seat_month, seat_usage
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Uuid
from services.api.call import Answer, Call
from services.api.endpoint import MEMBER, Endpoint, Query
from services.api.routes.asking import All, Page, limit, page, state_then, then, viewer
from services.api.routes.run_reads import DEPARTMENT, READ

MONTH = {"type": "string", "examples": ["2026-04"]}
STATUSES = ("invited", "active", "expired", "deactivated")


class Me(Struct, kw_only=True, frozen=True):
    """The company and the member that the credential stands for; `read_only` says why it is not `writable`.

    `key` is null for a token of the issuer's; `access_ends_at` is an auditor's.
    """

    tenant: str
    company: str
    time_zone: str
    plan: str | None
    trial_ends_at: datetime | None
    seats: int | None
    writable: bool
    read_only: Ended | None
    member: str
    name: str
    email: str
    permission: Permission
    department: str | None
    roles: tuple[str, ...]
    key: str | None
    access_ends_at: datetime | None


class RoleRow(Struct, kw_only=True, frozen=True):
    """Who holds a role, in order."""

    role: str
    members: tuple[str, ...]


class Seats(Struct, kw_only=True, frozen=True):
    """Seats against the limit, who holds them, and the month asked about (its first day)."""

    usage: SeatUsage
    holders: list[SeatHolder]
    month: date
    of_month: SeatMonth


async def me(call: Call) -> Answer:
    """Who the credential stands for."""
    tenant, member = call.known.tenant, call.known.member
    found = Me(
        tenant=call.tenant,
        company=tenant.name,
        time_zone=tenant.time_zone,
        plan=tenant.plan,
        trial_ends_at=tenant.trial_ends_at,
        seats=tenant.seats,
        writable=tenant.is_writable(call.at),
        read_only=tenant.read_only(call.at),
        member=member.id,
        name=member.name,
        email=member.email,
        permission=member.permission,
        department=member.department,
        roles=tuple(role for role, holders in tenant.holders.items() if member.id in holders),
        key=call.known.key_id,
        access_ends_at=member.access_ends_at,
    )
    return rows(found)


async def list_members(call: Call) -> Answer:
    """The company's members."""
    most, given = limit(call), call.query
    found = await members(
        call.deps.ask,
        call.tenant,
        status=given.get("status"),
        department=given.get("department"),
        viewer=viewer(call),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=given.get("as_of"),
    )
    return page(found, most)


async def list_departments(call: Call) -> Answer:
    """The company's departments."""
    as_of = call.query.get("as_of")
    return rows(All(items=await departments(call.deps.ask, call.tenant, viewer=viewer(call), as_of=as_of)))


async def list_roles(call: Call) -> Answer:
    """Who holds which role."""
    tenant = await state_then(call, fold, call.known.tenant)
    held = sorted(tenant.holders.items())
    if is_from_outside(call.known.member):
        held = [(role, (call.member,)) for role, members in held if call.member in members]
    return rows(All(items=[RoleRow(role=role, members=members) for role, members in held]))


async def seats(call: Call) -> Answer:
    """Seat usage."""
    when = await then(call)
    ask, tenant, point = call.deps.ask, call.tenant, _point(when.at, when.as_of)
    usage = await seat_usage(ask, tenant, **point)
    if usage is None:
        raise NotFound("expected a company that had signed up then, but it had not")
    month = call.query.get("month") or when.today.replace(day=1)
    zone = call.known.tenant.time_zone
    of_month = await seat_month(ask, tenant, month=month, time_zone=zone, **point)
    holders = await seat_holders(ask, tenant, **point)
    return rows(Seats(usage=usage, holders=holders, month=month, of_month=of_month))


def _point(at: datetime, as_of: Any) -> Mapping[str, Any]:
    return {"at": at, "as_of": as_of}


ENDPOINTS = (
    Endpoint(
        "GET", "/v1/me", "me", "The company and the member that the credential stands for.", MEMBER, me, answer=Me
    ),
    Endpoint(
        "GET",
        "/v1/members",
        "list_members",
        "The company's members, by name. People from outside see the names of those on their runs.",
        "read_dashboards",
        list_members,
        answer=Page[MemberRow],
        query=(
            Query("status", q.one_of("status", STATUSES), {"enum": list(STATUSES)}, "Only members in this status."),
            DEPARTMENT,
            q.LIMIT,
            q.cursor_of(tuple[str, Uuid]),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/departments",
        "list_departments",
        "The company's departments.",
        "read_dashboards",
        list_departments,
        answer=All[DepartmentRow],
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/roles",
        "list_roles",
        "Who holds which role.",
        "read_dashboards",
        list_roles,
        answer=All[RoleRow],
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/seats",
        "seats",
        "Seats against the plan's limit, who holds them and since which event, and a month's peak.",
        "read_seats",
        seats,
        answer=Seats,
        query=(
            Query("month", q.month("month"), MONTH, "Which month; without it, the one that is asked about."),
            *READ,
        ),
    ),
)
