"""Dashboards of what depends on one person, and what stops while they are away."""

from domain.ids import MemberId
from domain.refusals import NotFound
from queries.dependence import StepDependence, dependence
from queries.dependence_by_procedure import ProcedureDependence, dependence_by_procedure
from queries.done_by import Done, done_by
from services.absences import WhatStops, what_stops
from services.api import query as q
from services.api import sheets
from services.api.answers import rows
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Query
from services.api.routes.asking import Page, company_then, limit, page, then, viewer
from services.api.routes.figures import PROCEDURE, STEP, UUID, Figures, Links, dashboard, figures, link, needed
from services.api.routes.run_reads import BIG, DEPARTMENT


async def dependence_of_procedures(call: Call) -> Answer | InPieces:
    """How much procedures depend on one person."""
    when, department = await then(call), call.query.get("department")
    found = await dependence_by_procedure(
        call.deps.ask, call.tenant, department=department, viewer=viewer(call), as_of=when.as_of
    )

    def behind(row: ProcedureDependence) -> Links:
        return {"steps": link("dependence/steps", None, when.as_of, procedure=row.procedure_id, department=department)}

    return figures(call, ProcedureDependence, found, behind)


async def dependence_of_steps(call: Call) -> Answer | InPieces:
    """How much steps depend on one person."""
    when, procedure, department = await then(call), needed(call, "procedure"), call.query.get("department")
    found = await dependence(
        call.deps.ask,
        call.tenant,
        procedure=procedure,
        department=department,
        viewer=viewer(call),
        as_of=when.as_of,
    )

    def behind(row: StepDependence) -> Links:
        of = {"procedure": procedure, "step": row.step_id, "department": department}
        return {"first_times": link("dependence/turns", None, when.as_of, **of, member=row.first)}

    return figures(call, StepDependence, found, behind)


async def done(call: Call) -> Answer:
    """What somebody did of a step."""
    when, most = await then(call), limit(call)
    found = await done_by(
        call.deps.ask,
        call.tenant,
        procedure=needed(call, "procedure"),
        step=needed(call, "step"),
        member=needed(call, "member"),
        department=call.query.get("department"),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def absence(call: Call) -> Answer:
    """What stops if somebody is away."""
    when, member, company = await then(call), MemberId(call.ids["member"]), await company_then(call)
    if member not in company.members:
        raise NotFound("expected a member of the company, but there is none of that id")
    found = await what_stops(
        call.deps.ask, call.tenant, company, member, today=when.today, viewer=viewer(call), as_of=when.as_of
    )
    return rows(found)


ENDPOINTS = (
    dashboard(
        "dependence",
        "dependence_by_procedure",
        "read_load",
        "Dependence on one person (属人化): the steps of each procedure that only one person ever did, and the share "
        "of those who did each of its steps most. JSON, or CSV (`Accept: text/csv`).",
        dependence_of_procedures,
        Figures[ProcedureDependence],
        DEPARTMENT,
        sheets.FORMAT,
    ),
    dashboard(
        "dependence/steps",
        "dependence_by_step",
        "read_load",
        "Dependence on one person (属人化) of each step of a procedure: how many people ever did it, the share of the "
        "first of them, and when somebody else last did. JSON, or CSV (`Accept: text/csv`).",
        dependence_of_steps,
        Figures[StepDependence],
        PROCEDURE,
        DEPARTMENT,
        sheets.FORMAT,
    ),
    dashboard(
        "dependence/turns",
        "done_by",
        "read_load",
        "Each time that a member did a step, by which event, the latest first.",
        done,
        Page[Done],
        PROCEDURE,
        DEPARTMENT,
        STEP,
        Query("member", q.uuid("member"), UUID, "Who did it."),
        q.LIMIT,
        q.cursor_of(BIG),
    ),
    dashboard(
        "absence/{member}",
        "what_stops",
        "read_load",
        "What stops if a member is away: their open steps, roles that only they hold, steps that only they ever did, "
        "and approvals that only they may give.",
        absence,
        WhatStops,
    ),
)
