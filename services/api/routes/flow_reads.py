"""Dashboards of flow: how long runs and steps take, where they wait, week by week."""

from typing import get_args

from queries.flow_by_procedure import ProcedureFlow, flow_by_procedure
from queries.flow_by_step import StepFlow, flow_by_step
from queries.trend import TrendWeek, trend
from queries.waited import WaitedAt, waited
from queries.waiting_for import WaitingFor, waiting_for
from queries.waiting_now import By, Waiting, waiting_now
from queries.weeks import Weeks
from services.api import query as q
from services.api import sheets
from services.api.call import Answer, Call, InPieces
from services.api.endpoint import Query
from services.api.routes.asking import then, viewer
from services.api.routes.figures import FROM, PROCEDURE, STEP, TO, Links, figures, link, needed, period
from services.api.routes.flowing import FILTERS, flow_dashboard, of_procedure, only
from services.api.routes.run_reads import DEPARTMENT

BYS: tuple[str, ...] = get_args(By)


async def by_procedure(call: Call) -> Answer | InPieces:
    """Flow of each procedure."""
    when = await then(call)
    weeks = period(call, when)
    found = await flow_by_procedure(
        call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of
    )

    def behind(row: ProcedureFlow) -> Links:
        whats = ("started", "completed", "cancelled")
        runs = {
            what: link("runs", weeks, when.as_of, what=what, **of_procedure(call, row.procedure_id)) for what in whats
        }
        slow = {
            f"lead_{name}": f"{runs['completed']}&at_least={days}"
            for name, days in (("p50", row.lead_p50), ("p85", row.lead_p85), ("p95", row.lead_p95))
            if days is not None
        }
        return {**runs, **slow, "steps": link("flow/steps", weeks, when.as_of, procedure=row.procedure_id)}

    return figures(call, ProcedureFlow, found, behind, weeks)


async def by_step(call: Call) -> Answer | InPieces:
    """Flow of each step of a procedure."""
    when, procedure = await then(call), needed(call, "procedure")
    weeks = period(call, when)
    found = await flow_by_step(
        call.deps.ask, call.tenant, procedure=procedure, weeks=weeks, viewer=viewer(call), as_of=when.as_of
    )

    def behind(row: StepFlow) -> Links:
        return {"done": link("turns", weeks, when.as_of, what="done", procedure=procedure, step=row.step_id)}

    return figures(call, StepFlow, found, behind, weeks)


async def waits(call: Call) -> Answer | InPieces:
    """Where runs wait now, and for whom."""
    when, by = await then(call), call.query.get("by", "step")
    found = await waiting_now(
        call.deps.ask, call.tenant, at=when.at, by=by, **only(call), viewer=viewer(call), as_of=when.as_of
    )

    def behind(row: Waiting) -> Links:
        of = {"step": row.step_id, "role": row.role if by == "role" else None, **of_procedure(call, row.procedure_id)}
        links = {
            "steps": link("waiting/steps", None, when.as_of, **of),
            "nobodys": link("waiting/steps", None, when.as_of, **of, nobodys="true"),
        }
        if row.step_id is None:
            return links
        people = link("waiting/people", None, when.as_of, procedure=row.procedure_id, step=row.step_id)
        return {**links, "people": people}

    return figures(call, Waiting, found, behind)


async def waits_for(call: Call) -> Answer | InPieces:
    """For whom runs wait at a step now."""
    when, step = await then(call), {name: needed(call, name) for name in ("procedure", "step")}
    found = await waiting_for(call.deps.ask, call.tenant, at=when.at, **step, viewer=viewer(call), as_of=when.as_of)

    def behind(row: WaitingFor) -> Links:
        of = {"assignee": row.assignee, "nobodys": None if row.assignee else "true", **step}
        return {"steps": link("waiting/steps", None, when.as_of, **of)}

    return figures(call, WaitingFor, found, behind)


async def waited_at(call: Call) -> Answer | InPieces:
    """Where runs waited."""
    when = await then(call)
    weeks = period(call, when)
    found = await waited(call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of)

    def behind(row: WaitedAt) -> Links:
        return {"turns": link("turns", weeks, when.as_of, procedure=row.procedure_id, step=row.step_id)}

    return figures(call, WaitedAt, found, behind, weeks)


async def weekly(call: Call) -> Answer | InPieces:
    """The trend."""
    when = await then(call)
    weeks = period(call, when)
    found = await trend(call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of)

    def behind(row: TrendWeek) -> Links:
        whats = ("started", "completed", "cancelled", "clean", "due", "on_time", "legal_due", "legal_on_time")
        week = Weeks(row.week, row.week)
        return {what: link("runs", week, when.as_of, what=what, **only(call)) for what in whats}

    return figures(call, TrendWeek, found, behind, weeks)


ENDPOINTS = (
    flow_dashboard(
        "flow",
        "flow_by_procedure",
        "Runs of each procedure that were started, completed and cancelled in some weeks, with percentiles of their "
        "lead time (from the start) and cycle time (from the first step done), in whole days.",
        by_procedure,
        ProcedureFlow,
        query=FILTERS,
    ),
    flow_dashboard(
        "flow/steps",
        "flow_by_step",
        "Steps of one procedure that were done in some weeks, with percentiles of their cycle time (hours from ready "
        "to done) and lead time (days from the run's start).",
        by_step,
        StepFlow,
        query=(PROCEDURE, FROM, TO, sheets.FORMAT),
    ),
    flow_dashboard(
        "waiting",
        "waiting_now",
        "Where runs wait now: the steps that are ready, by step or by role, and for how long.",
        waits,
        Waiting,
        query=(
            Query("by", q.one_of("by", BYS), {"enum": list(BYS), "default": "step"}, "What a row is about."),
            PROCEDURE,
            DEPARTMENT,
            sheets.FORMAT,
        ),
    ),
    flow_dashboard(
        "waiting/people",
        "waiting_for",
        "For whom runs wait at a step now: the people who are to do it, and since when.",
        waits_for,
        WaitingFor,
        query=(PROCEDURE, STEP, sheets.FORMAT),
    ),
    flow_dashboard(
        "waited",
        "waited_by_step",
        "Where runs waited in some weeks: how long steps were ready until they were done, or over in another way.",
        waited_at,
        WaitedAt,
        query=FILTERS,
    ),
    flow_dashboard(
        "trend",
        "trend",
        "Week by week: runs started, completed and cancelled, on time and without rework, and the median of the days "
        "that they took.",
        weekly,
        TrendWeek,
        query=FILTERS,
    ),
)
