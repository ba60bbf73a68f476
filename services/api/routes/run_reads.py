"""Questions about runs, tasks and progress."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from domain.ids import MemberId
from domain.refusals import NotFound, NotPermitted
from domain.tenants.permissions import MANAGERS
from queries.my_tasks import TaskRow, my_tasks
from queries.progress_by_department import DepartmentProgress, progress_by_department
from queries.progress_by_procedure import ProcedureProgress, progress_by_procedure
from queries.role_holders import roles_of
from queries.run_detail import RunDetail, run_detail
from queries.run_list import RunSummary, run_list
from services.api import query as q
from services.api.answers import rows
from services.api.bodies import Slug, Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import All, Page, Then, limit, page, then, viewer

BIG = Annotated[int, Meta(ge=-(2**62), le=2**62)]
STATUSES = ("open", "completed", "cancelled")
READ = (q.AS_OF, q.WAIT_FOR)

DEPARTMENT = Query("department", q.slug("department"), {"type": "string"}, "Only those of this department.")


async def list_runs(call: Call) -> Answer:
    """Runs, late ones first."""
    when, most, given = await then(call), limit(call), call.query
    found = await run_list(
        call.deps.ask,
        call.tenant,
        today=when.today,
        status=given.get("status"),
        procedure=given.get("procedure"),
        department=given.get("department"),
        late=given.get("late", False),
        viewer=viewer(call),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def one_run(call: Call) -> Answer:
    """A run with its steps."""
    when = await then(call)
    found = await the_run(call, when)
    return rows(found, [(b"etag", b'"%d"' % found.run.version)])


async def the_run(call: Call, when: Then) -> RunDetail:
    """The run in the path. Raises NotFound, whether there is none or the caller may not see it."""
    found = await run_detail(
        call.deps.ask, call.tenant, call.ids["run"], today=when.today, viewer=viewer(call), as_of=when.as_of
    )
    if found is None:
        raise NotFound("expected a run of the company, but there is none of that id")
    return found


async def list_tasks(call: Call) -> Answer:
    """The steps that are someone's to do."""
    when, most = await then(call), limit(call)
    member = _assignee(call)
    found = await my_tasks(
        call.deps.ask,
        call.tenant,
        member=member,
        roles=await _roles(call, member, when),
        today=when.today,
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def by_procedure(call: Call) -> Answer:
    """Progress of each procedure."""
    when, department = await then(call), call.query.get("department")
    found = await progress_by_procedure(
        call.deps.ask,
        call.tenant,
        today=when.today,
        department=department,
        viewer=viewer(call),
        as_of=when.as_of,
    )
    return rows(All(items=found))


async def by_department(call: Call) -> Answer:
    """Progress of each department."""
    when = await then(call)
    found = await progress_by_department(
        call.deps.ask, call.tenant, today=when.today, viewer=viewer(call), as_of=when.as_of
    )
    return rows(All(items=found))


async def _roles(call: Call, member: str, when: Then) -> list[str]:
    """The roles that the member held then."""
    if when.as_of is not None:
        return await roles_of(call.deps.ask, call.tenant, member, as_of=when.as_of)
    return [role for role, holders in call.known.tenant.holders.items() if member in holders]


def _assignee(call: Call) -> str:
    """Whose tasks; those of others are for managers, and for delegates of who is away today."""
    wanted: str = call.query.get("assignee", call.member)
    tenant = call.known.tenant
    stands_in = tenant.stands_in(call.member, MemberId(wanted), tenant.today(call.at))
    if wanted != call.member and call.known.member.permission not in MANAGERS and not stands_in:
        raise NotPermitted("expected a manager to read the tasks of others, but they are not one")
    return wanted


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/runs",
        "list_runs",
        "Runs: late ones first, then by what is due next, the closed ones last. Confidential ones only for few.",
        "read_dashboards",
        list_runs,
        answer=Page[RunSummary],
        query=(
            Query("status", q.one_of("status", STATUSES), {"enum": list(STATUSES)}, "Only runs in this status."),
            Query(
                "procedure", q.uuid("procedure"), {"type": "string", "format": "uuid"}, "Only runs of this procedure."
            ),
            DEPARTMENT,
            Query("late", q.yes_or_no("late"), {"type": "boolean"}, "Only late runs."),
            q.LIMIT,
            q.cursor_of(tuple[bool, BIG, Uuid]),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/runs/{run}",
        "get_run",
        "A run with its steps. Its version is the ETag, for If-Match.",
        "read_dashboards",
        one_run,
        answer=RunDetail,
        query=READ,
    ),
    Endpoint(
        "GET",
        "/v1/tasks",
        "list_tasks",
        "My tasks, and what a holder of my roles may take; overdue first. Managers may ask for others, delegates "
        "for who is away.",
        "read_own_tasks",
        list_tasks,
        answer=Page[TaskRow],
        query=(
            Query("assignee", q.uuid("assignee"), {"type": "string", "format": "uuid"}, "Whose; without it, mine."),
            q.LIMIT,
            q.cursor_of(tuple[date, Uuid, Slug]),
            *READ,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/progress/procedures",
        "progress_by_procedure",
        "Runs of each procedure, counted: open, late, due this week, completed. Single runs are at /v1/runs.",
        "read_dashboards",
        by_procedure,
        answer=All[ProcedureProgress],
        query=(DEPARTMENT, *READ),
    ),
    Endpoint(
        "GET",
        "/v1/progress/departments",
        "progress_by_department",
        "Runs of each department, counted: open, late, due this week, completed.",
        "read_dashboards",
        by_department,
        answer=All[DepartmentProgress],
        query=READ,
    ),
)
