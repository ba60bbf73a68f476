"""Dashboards of what is due, and whose work it will be."""

from datetime import date, timedelta

from queries.due_counts import DueCount, due_counts
from queries.due_steps import DueStep, due_steps
from queries.weeks import SOON, WEEK, WEEKS_TO_COME, week_end, week_of
from queries.workload import Workload, workload
from services.api import query as q
from services.api import sheets
from services.api.bodies import Slug, Uuid
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Query
from services.api.routes.asking import Page, company_then, limit, page, then, viewer
from services.api.routes.figures import (
    DAY,
    PROCEDURE,
    UUID,
    YES,
    Figures,
    FiguresPage,
    Links,
    dashboard,
    figures,
    figures_page,
    link,
)
from services.api.routes.run_reads import BIG, DEPARTMENT
from services.by_rule import by_rule, holidays_around
from services.people_pages import page_of_people

SINCE = Query("from", q.day("from"), DAY, "Only what is due on this day or later; without it, all that is overdue too.")
UNTIL = Query("to", q.day("to"), DAY, "Only what is due until this day; without it, in the next two weeks.")
MEMBER = Query("member", q.uuid("member"), UUID, "Only what is, or by rule will be, this member's.")
LEGAL = Query("legal", q.yes_or_no("legal"), YES, "Only deadlines that a law sets, or only others.")


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
        by_rule=by_rule(await company_then(call), who),
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
    most = None if sheets.wants_sheet(call) else limit(call)
    found = await workload(
        call.deps.ask,
        call.tenant,
        today=when.today,
        this_week=this_week,
        since=date.min,
        until=call.query.get("to", this_week + WEEKS_TO_COME * WEEK - timedelta(days=1)),
        by_rule=by_rule(await company_then(call), who),
        department=department,
        viewer=who,
        limit=most and most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    shown, following = page_of_people(found, most or len(found))
    last = call.query.get("to", date.max)

    def behind(row: Workload) -> Links:
        first = None if row.week == this_week else row.week
        of = {"member": row.member, "department": department, "to": min(week_end(row.week), last), "from": first}
        return {
            "steps": link("due/steps", None, when.as_of, **of),
            "legal": link("due/steps", None, when.as_of, **of, legal="true"),
        }

    return figures_page(call, Workload, shown, behind, following)


ENDPOINTS = (
    dashboard(
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
    dashboard(
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
    dashboard(
        "workload",
        "workload_to_come",
        "read_load",
        "Workload to come (平準化): the open steps that are due with each person, week by week, against the median of "
        "all who have any; with waiting steps that will be theirs by rule. A page is of so many people, with all of "
        "their weeks, the most loaded first. JSON, or CSV (`Accept: text/csv`), which has everybody.",
        workload_to_come,
        FiguresPage[Workload],
        DEPARTMENT,
        q.LIMIT,
        q.cursor_of(tuple[BIG, Uuid]),
        Query("to", q.day("to"), DAY, f"Only what is due until this day; without it, {WEEKS_TO_COME} weeks."),
        sheets.FORMAT,
    ),
)
