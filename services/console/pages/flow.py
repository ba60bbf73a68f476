"""Flow (流れ): how fast, how punctually and with how much rework runs get through, and where they wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from queries.flow_by_procedure import ProcedureFlow, flow_by_procedure
from queries.flow_by_step import flow_by_step
from queries.on_time import OnTime, on_time
from queries.on_time_by_step import on_time_by_step
from queries.rework import rework
from queries.role_titles import role_titles
from queries.trend import TrendWeek, trend
from queries.waited import waited
from queries.waiting_now import waiting_now
from services.console.asked import PERIODS, Asked, asked, departments_of, procedures_of
from services.console.charts import Chart, chart
from services.console.rendering import page as render
from services.console.visit import Visit

MOST_WAITS = 12
"""Of the places where runs wait: those that come after them do not hold much up."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The weeks of a trend taken together; `lead` is the median of the last week in which anything was completed."""

    started: int
    completed: int
    cancelled: int
    clean: int
    due: int
    on_time: int
    legal_due: int
    legal_on_time: int
    lead: int | None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure's flow and punctuality, either of which there may be none of."""

    procedure_id: str
    title: str
    flow: ProcedureFlow | None
    time: OnTime | None


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    what = asked(visit)
    ask, tenant = visit.deps.ask, visit.tenant_id
    seen: dict[str, Any] = {"viewer": visit.viewer, "as_of": visit.as_of}
    weeks = await trend(ask, tenant, weeks=what.weeks, **what.only, **seen)
    procedures = await _procedures(visit, what)
    flows = [row.flow for row in procedures if row.flow]
    times: dict[str, Any] = {**seen, "weeks": what.weeks}
    return render(
        visit,
        "flow.html",
        asked=what,
        periods=PERIODS,
        weeks=weeks,
        sums=_sums(weeks),
        charts=_charts(visit, weeks),
        procedures=procedures,
        slowest=max((flow.lead_p85 or 0 for flow in flows), default=0),
        steps=await flow_by_step(ask, tenant, procedure=what.procedure, **times) if what.procedure else None,
        in_time={row.step_id: row for row in await on_time_by_step(ask, tenant, **what.only, **times)}
        if what.procedure
        else {},
        waits=(await waiting_now(ask, tenant, at=visit.at, **what.only, **seen))[:MOST_WAITS],
        waited=(await waited(ask, tenant, **what.only, **times))[:MOST_WAITS],
        rework=await rework(ask, tenant, **what.only, **times),
        roles=await role_titles(ask, tenant, as_of=visit.as_of),
        departments=await departments_of(visit),
        titles=await procedures_of(visit),
    )


async def _procedures(visit: Visit, what: Asked) -> list[Procedure]:
    """The slowest first, and behind them those of which nothing but steps were done."""
    where: dict[str, Any] = {"weeks": what.weeks, **what.only, "viewer": visit.viewer, "as_of": visit.as_of}
    flows = await flow_by_procedure(visit.deps.ask, visit.tenant_id, **where)
    times = {row.procedure_id: row for row in await on_time(visit.deps.ask, visit.tenant_id, **where)}
    first = [Procedure(row.procedure_id, row.title, row, times.pop(row.procedure_id, None)) for row in flows]
    return [*first, *(Procedure(row.procedure_id, row.title, None, row) for row in times.values())]


def _sums(weeks: Sequence[TrendWeek]) -> Sums:
    leads = [week.lead_p50 for week in weeks if week.lead_p50 is not None]
    return Sums(
        sum(week.started for week in weeks),
        sum(week.completed for week in weeks),
        sum(week.cancelled for week in weeks),
        sum(week.clean for week in weeks),
        sum(week.due for week in weeks),
        sum(week.on_time for week in weeks),
        sum(week.legal_due for week in weeks),
        sum(week.legal_on_time for week in weeks),
        leads[-1] if leads else None,
    )


def _charts(visit: Visit, weeks: Sequence[TrendWeek]) -> dict[str, Chart]:
    """A column for each week."""
    days = {week.week: visit.day(week.week) for week in weeks}

    def said(week: TrendWeek, key: str, count: int | None) -> str:
        return f"{days[week.week]} {visit.word(key)} {'—' if count is None else count}"

    return {
        "completed": chart(
            (said(week, "completed_runs", week.completed), [(week.completed, "done")]) for week in weeks
        ),
        "on_time": chart(
            (
                said(week, "late", week.due - week.on_time),
                [(week.on_time, "done"), (week.due - week.on_time, "late")],
            )
            for week in weeks
        ),
        "clean": chart(
            (
                said(week, "clean_runs", week.clean),
                [(week.clean, "done"), (week.completed - week.clean, "ready")],
            )
            for week in weeks
        ),
        "lead": chart((said(week, "lead_time", week.lead_p50), [(week.lead_p50 or 0, "done")]) for week in weeks),
    }
