"""My tasks (自分の仕事): what the visitor is to do, and what their roles let them take."""

from starlette.responses import Response

from queries.my_tasks import my_tasks
from queries.role_holders import roles_of
from services.console.rendering import page as render
from services.console.visit import Visit

MOST = 500


async def page(visit: Visit) -> Response:
    """The page."""
    ask, tenant, member, as_of = visit.deps.ask, visit.tenant_id, visit.member.id, visit.as_of
    roles = await roles_of(ask, tenant, member, as_of=as_of)
    tasks = await my_tasks(
        ask, tenant, member=member, roles=roles, today=visit.today, limit=MOST, as_of=as_of
    )
    return render(
        visit,
        "tasks.html",
        mine=[task for task in tasks if task.mine],
        unassigned=[task for task in tasks if not task.mine],
    )
