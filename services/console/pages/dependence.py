"""Dependence on one person (属人化): by procedure and step, and what stops if somebody is away."""

from typing import Any

from starlette.responses import Response

from domain.ids import MemberId
from queries.dependence import dependence
from queries.dependence_by_procedure import dependence_by_procedure
from queries.done_by import done_by
from queries.role_titles import role_titles
from queries.step_title import step_title
from services.absences import what_stops
from services.console.asked import asked, departments_of, procedures_of
from services.console.moments import NotUnderstood
from services.console.pages.missing import Missing
from services.console.places import A_PAGE, a_number, a_page, read_place
from services.console.rendering import page as render
from services.console.visit import Visit


async def page(visit: Visit) -> Response:
    """The page: all procedures, or the steps of one. Raises NotUnderstood."""
    what, company = asked(visit), await visit.company_then()
    where: dict[str, Any] = {"department": what.department, "viewer": visit.viewer, "as_of": visit.as_of}
    ask, tenant = visit.deps.ask, visit.tenant_id
    doers = [(member, visit.names.get(member, "")) for member in company.members if company.can_do_steps(member)]
    return render(
        visit,
        "dependence.html",
        asked=what,
        procedures=await dependence_by_procedure(ask, tenant, **where),
        steps=await dependence(ask, tenant, procedure=what.procedure, **where) if what.procedure else None,
        doers=sorted(doers, key=lambda doer: doer[1]),
        departments=await departments_of(visit),
        titles=await procedures_of(visit),
    )


async def turns(visit: Visit) -> Response:
    """Each time that somebody did a step. Raises NotUnderstood."""
    what, step, member = asked(visit), visit.text("step"), visit.uuid("member")
    if not step or not member or not what.procedure:
        raise NotUnderstood("step")
    found = await done_by(
        visit.deps.ask,
        visit.tenant_id,
        procedure=what.procedure,
        step=step,
        member=member,
        department=what.department,
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_number),
        as_of=visit.as_of,
    )
    shown, more = a_page(visit, found)
    title = await step_title(
        visit.deps.ask, visit.tenant_id, procedure=what.procedure, step=step, viewer=visit.viewer, as_of=visit.as_of
    )
    return render(
        visit,
        "done_by.html",
        asked=what,
        rows=shown,
        more=more,
        step=title or step,
        name=visit.names.get(member) or visit.word("unknown_member"),
        titles=await procedures_of(visit),
    )


async def absence(visit: Visit) -> Response:
    """What stops if somebody is away. Raises NotUnderstood and Missing."""
    company, asked_for = await visit.company_then(), visit.uuid("member")
    if asked_for is None:
        raise NotUnderstood("member")
    member = MemberId(asked_for)
    if member not in company.members:
        raise Missing
    stops = await what_stops(
        visit.deps.ask,
        visit.tenant_id,
        company,
        member,
        today=visit.today,
        viewer=visit.viewer,
        as_of=visit.as_of,
    )
    return render(
        visit,
        "absence.html",
        name=visit.names.get(member) or visit.word("unknown_member"),
        stops=stops,
        roles=await role_titles(visit.deps.ask, visit.tenant_id, as_of=visit.as_of),
    )
