"""Dashboards of people: what is due, whose work it will be, and what depends on one person."""

from datetime import date, timedelta
from typing import Any

from domain.ids import MemberId
from domain.personal import ERASED
from domain.refusals import NotFound
from domain.tenants.folding import fold
from domain.tenants.state import Tenant
from queries.dependence import StepDependence, dependence
from queries.dependence_by_procedure import ProcedureDependence, dependence_by_procedure
from queries.done_by import Done, done_by
from queries.due_counts import DueCount, due_counts
from queries.due_steps import DueStep, due_steps
from queries.progress_by_subject import SubjectProgress, progress_by_subject
from queries.runs_of_subject import SubjectRun, runs_of_subject
from queries.weeks import WEEK, week_end, week_of
from queries.workload import Workload, workload
from services.absences import WhatStops, what_stops
from services.api import query as q
from services.api import sheets
from services.api.answers import rows
from services.api.bodies import Slug, Uuid
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import Page, limit, page, state_then, then, viewer
from services.api.routes.figures import DAY, PROCEDURE, STEP, UUID, Figures, Links, figures, link, needed
from services.api.routes.run_reads import BIG, DEPARTMENT, READ
from services.by_rule import by_rule, holidays_around

SOON = timedelta(days=14)
WEEKS_TO_COME = 8
YES = {"type": "boolean"}
SINCE = Query("from", q.day("from"), DAY, "Only what is due on this day or later; without it, all that is overdue too.")
UNTIL = Query("to", q.day("to"), DAY, "Only what is due until this day; without it, in the next two weeks.")
MEMBER = Query("member", q.uuid("member"), UUID, "Only what is, or by rule will be, this member's.")
LEGAL = Query("legal", q.yes_or_no("legal"), YES, "Only deadlines that a law sets, or only others.")
RUN = Query("run", q.uuid("run"), UUID, "A run about the subject: subjects are personal, and named in no address.")
OPEN = Query("open", q.yes_or_no("open"), YES, "Only open runs.")


async def due(call: Call) -> Answer:
    """Steps that are due."""
    when, most, given = await then(call), limit(call), call.query
    who = viewer(call)
    found = await due_steps(
        call.deps.ask,
        call.tenant,
        today=when.today,
        since=given.get("from", date.min),
        until=given.get("to", when.today + SOON),
        by_rule=by_rule(await _company(call), who),
        holidays=holidays_around(when.today),
        procedure=given.get("procedure"),
        department=given.get("department"),
        member=given.get("member"),
        legal=given.get("legal"),
        viewer=who,
        limit=most + 1,
        after=given.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def due_of_procedures(call: Call) -> Answer | InPieces:
    """How much is due."""
    when, given = await then(call), call.query
    until = given.get("to", when.today + SOON)
    found = await due_counts(
        call.deps.ask,
        call.tenant,
        today=when.today,
        since=given.get("from", date.min),
        until=until,
        procedure=given.get("procedure"),
        department=given.get("department"),
        viewer=viewer(call),
        as_of=when.as_of,
    )
    over = {"from": given.get("from"), "to": min(until, when.today - timedelta(days=1))}
    soon = {"from": max(when.today, given.get("from", date.min)), "to": until}

    def behind(row: DueCount) -> Links:
        of = {"procedure": row.procedure_id, "department": row.department}
        return {
            f"{law}{name}": link("due/steps", None, when.as_of, **of, **days, legal="true" if law else None)
            for law in ("legal_", "")
            for name, days in (("overdue", over), ("soon", soon))
        }

    return figures(call, DueCount, found, behind)


async def workload_to_come(call: Call) -> Answer | InPieces:
    """Who will have how much to do."""
    when, department = await then(call), call.query.get("department")
    this_week, who = week_of(when.today), viewer(call)
    found = await workload(
        call.deps.ask,
        call.tenant,
        today=when.today,
        this_week=this_week,
        since=date.min,
        until=call.query.get("to", this_week + WEEKS_TO_COME * WEEK - timedelta(days=1)),
        by_rule=by_rule(await _company(call), who),
        department=department,
        viewer=who,
        as_of=when.as_of,
    )
    last = call.query.get("to", date.max)

    def behind(row: Workload) -> Links:
        first = None if row.week == this_week else row.week
        of = {"member": row.member, "department": department, "to": min(week_end(row.week), last), "from": first}
        return {
            "steps": link("due/steps", None, when.as_of, **of),
            "legal": link("due/steps", None, when.as_of, **of, legal="true"),
        }

    return figures(call, Workload, found, behind)


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
    when, member, company = await then(call), MemberId(call.ids["member"]), await _company(call)
    if member not in company.members:
        raise NotFound("expected a member of the company, but there is none of that id")
    found = await what_stops(
        call.deps.ask, call.tenant, company, member, today=when.today, viewer=viewer(call), as_of=when.as_of
    )
    return rows(found)


async def subjects(call: Call) -> Answer:
    """Progress by subject."""
    when, most = await then(call), limit(call)
    found = await progress_by_subject(
        call.deps.ask,
        call.tenant,
        today=when.today,
        erased=ERASED,
        department=call.query.get("department"),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def subject_runs(call: Call) -> Answer:
    """Runs about a subject."""
    when, most = await then(call), limit(call)
    found = await runs_of_subject(
        call.deps.ask,
        call.tenant,
        run=needed(call, "run"),
        erased=ERASED,
        open_only=call.query.get("open", False),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def _company(call: Call) -> Tenant:
    return await state_then(call, fold, call.known.tenant)


def _read(path: str, name: str, needs: str, about: str, handle: Any, answer: Any, *query: Query) -> Endpoint:
    also = (sheets.MEDIA,) if sheets.FORMAT in query else ()
    return Endpoint(
        "GET", f"/v1/dashboards/{path}", name, about, needs, handle, answer=answer, also=also, query=(*query, *READ)
    )


ENDPOINTS = (
    _read(
        "due",
        "due_by_procedure",
        "read_dashboards",
        "How many open steps of each procedure are overdue, or due soon; deadlines that a law sets apart and first. "
        "Each number leads to its steps. JSON, or CSV (`Accept: text/csv`).",
        due_of_procedures,
        Figures[DueCount],
        PROCEDURE,
        DEPARTMENT,
        SINCE,
        UNTIL,
        sheets.FORMAT,
    ),
    _read(
        "due/steps",
        "due_steps",
        "read_dashboards",
        "Open steps that are overdue or due soon, ready or waiting, deadlines that a law sets first; with the days "
        "that are left, and whose a waiting step will be where a rule says so.",
        due,
        Page[DueStep],
        PROCEDURE,
        DEPARTMENT,
        MEMBER,
        LEGAL,
        SINCE,
        UNTIL,
        q.LIMIT,
        q.cursor_of(tuple[bool, date, Uuid, Slug]),
    ),
    _read(
        "workload",
        "workload_to_come",
        "read_load",
        "Workload to come (平準化): the open steps that are due with each person, week by week, against the median of "
        "all who have any; with waiting steps that will be theirs by rule. JSON, or CSV (`Accept: text/csv`).",
        workload_to_come,
        Figures[Workload],
        DEPARTMENT,
        Query("to", q.day("to"), DAY, f"Only what is due until this day; without it, {WEEKS_TO_COME} weeks."),
        sheets.FORMAT,
    ),
    _read(
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
    _read(
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
    _read(
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
    _read(
        "absence/{member}",
        "what_stops",
        "read_load",
        "What stops if a member is away: their open steps, roles that only they hold, steps that only they ever did, "
        "and approvals that only they may give.",
        absence,
        WhatStops,
    ),
    _read(
        "subjects",
        "progress_by_subject",
        "read_dashboards",
        "Progress by subject: the open runs about the same person or thing together, what is due first first.",
        subjects,
        Page[SubjectProgress],
        DEPARTMENT,
        q.LIMIT,
        q.cursor_of(tuple[date, Uuid]),
    ),
    _read(
        "subjects/runs",
        "runs_of_subject",
        "read_dashboards",
        "All runs about the subject of a run, open or closed.",
        subject_runs,
        Page[SubjectRun],
        RUN,
        OPEN,
        q.LIMIT,
        q.cursor_of(Uuid),
    ),
)
