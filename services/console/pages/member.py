"""One member's duties (担当): open steps, roles, procedures that name them, and what they handed over."""

from starlette.responses import Response

from domain.ids import MemberId
from domain.tenants.permissions import MAY
from queries.handovers import handovers
from queries.role_titles import role_titles
from services.console.pages.missing import Missing
from services.console.rendering import page as render
from services.console.visit import Visit, read_uuid
from services.duties import duties_of


async def page(visit: Visit) -> Response:
    """The page. Raises Missing, for what is none of the visitor's business too."""
    member = MemberId(read_uuid(visit.params["member"]))
    may_see = member == visit.member.id or visit.member.permission in MAY["read_trail"]
    if member not in visit.company.members or not may_see:
        raise Missing
    deps, tenant, as_of = visit.deps, visit.tenant_id, visit.as_of
    company = await visit.company_then()
    duties = await duties_of(deps.ask, deps.streams, tenant, company, member, today=visit.today, as_of=as_of)
    return render(
        visit,
        "member.html",
        person=visit.company.members[member],
        duties=duties,
        handovers=await handovers(deps.ask, tenant, member=member, as_of=as_of),
        names=visit.names,
        roles=await role_titles(deps.ask, tenant, as_of=as_of),
    )
