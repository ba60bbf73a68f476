"""Dashboards of quality: what came back, and what was on time."""

from queries.on_time import OnTime, on_time
from queries.on_time_by_step import StepOnTime, on_time_by_step
from queries.rework import ReworkAt, rework
from services.api.call import Answer, Call, InPieces
from services.api.routes.asking import then, viewer
from services.api.routes.figures import Links, figures, link, period
from services.api.routes.flowing import FILTERS, flow_dashboard, of_procedure, only

RUNS_ON_TIME = {
    "runs_completed": "completed",
    "runs_clean": "clean",
    "runs_due": "due",
    "runs_on_time": "on_time",
    "legal_runs_due": "legal_due",
    "legal_runs_on_time": "legal_on_time",
}
STEPS_ON_TIME = ("steps_due", "steps_on_time", "legal_steps_due", "legal_steps_on_time")


async def rework_at(call: Call) -> Answer | InPieces:
    """Where work came back."""
    when = await then(call)
    weeks = period(call, when)
    found = await rework(call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of)

    def behind(row: ReworkAt) -> Links:
        step = {"procedure": row.procedure_id, "step": row.step_id}
        causes = ("sent_back", "rejected", "reopened")
        return {
            "returned": link("returns", weeks, when.as_of, **step),
            **{cause: link("returns", weeks, when.as_of, what=cause, **step) for cause in causes},
            "rejecting": link("turns", weeks, when.as_of, what="rejecting", **step),
            "done": link("turns", weeks, when.as_of, what="done", **step),
        }

    return figures(call, ReworkAt, found, behind, weeks)


async def punctuality(call: Call) -> Answer | InPieces:
    """What was on time, by procedure."""
    when = await then(call)
    weeks = period(call, when)
    found = await on_time(call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of)

    def behind(row: OnTime) -> Links:
        of = of_procedure(call, row.procedure_id)
        steps = link("on-time/steps", weeks, when.as_of, **of)
        return {
            **{name: link("runs", weeks, when.as_of, what=what, **of) for name, what in RUNS_ON_TIME.items()},
            **dict.fromkeys(STEPS_ON_TIME, steps),
        }

    return figures(call, OnTime, found, behind, weeks)


async def punctuality_of_steps(call: Call) -> Answer | InPieces:
    """What was on time, step by step."""
    when = await then(call)
    weeks = period(call, when)
    found = await on_time_by_step(
        call.deps.ask, call.tenant, weeks=weeks, **only(call), viewer=viewer(call), as_of=when.as_of
    )

    def behind(row: StepOnTime) -> Links:
        step = {"procedure": row.procedure_id, "step": row.step_id}
        whats = ("due", "on_time", "legal_due", "legal_on_time")
        return {what: link("turns", weeks, when.as_of, what=what, **step) for what in whats}

    return figures(call, StepOnTime, found, behind, weeks)


ENDPOINTS = (
    flow_dashboard(
        "rework",
        "rework_by_step",
        "Work that came back to steps in some weeks: sent back, rejected by an approval, or reopened.",
        rework_at,
        ReworkAt,
        query=FILTERS,
    ),
    flow_dashboard(
        "on-time",
        "on_time",
        "What was done by its due date in some weeks, of steps and of whole runs, deadlines set by law apart too.",
        punctuality,
        OnTime,
        query=FILTERS,
    ),
    flow_dashboard(
        "on-time/steps",
        "on_time_by_step",
        "How often each step was done by its due date in some weeks, deadlines set by law apart too.",
        punctuality_of_steps,
        StepOnTime,
        query=FILTERS,
    ),
)
