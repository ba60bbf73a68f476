"""One run: its steps from the first to the last, with what each asks and was given, and what was said about it."""

from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from domain.procedures.definition import Field, Step
from queries.run_comments import CommentRow, run_comments
from queries.run_detail import RunDetail, StepRow, run_detail
from queries.trail import TrailFilter, TrailRow, trail
from services.console.asked import departments_of
from services.console.asks import Asking
from services.console.markdown import markdown
from services.console.moments import NotUnderstood
from services.console.pages.missing import Missing
from services.console.pages.trail import tell
from services.console.rendering import page as render
from services.console.visit import Visit, read_uuid
from services.dossier import Dossier, dossier

MOST_COMMENTS = 500
MOST_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A step with what it asks, in words; `form` holds each field with its value, None while there is none."""

    row: StepRow
    asks: Step
    role: str
    instructions: Markup | None
    due: str | None
    condition: str | None
    barred: list[str]
    form: list[tuple[Field, str | None]]


async def page(visit: Visit) -> Response:
    """The page. Raises Missing."""
    try:
        run = read_uuid(visit.params["run"])
    except NotUnderstood:
        raise Missing from None
    ask, tenant = visit.deps.ask, visit.tenant_id
    detail = await run_detail(ask, tenant, run, today=visit.today, viewer=visit.viewer, as_of=visit.as_of)
    if detail is None:
        raise Missing
    comments = await run_comments(ask, tenant, run, limit=MOST_COMMENTS, as_of=visit.as_of)
    refusals = await _refusals(visit, run)
    told = await dossier(visit.deps.streams, tenant, detail.run)
    asking = Asking(told.definition, visit.lang, visit.names)
    return render(
        visit,
        "run.html",
        run=detail.run,
        steps=_steps(detail, told, asking),
        anchors=[(a.title, told.state.anchors[a.id]) for a in told.definition.anchors if a.id in told.state.anchors],
        comments=[_comment(row, told, asking) for row in comments],
        refusals=[(row, telling) for row, _, telling, _ in await tell(visit, refusals)],
        titles=await departments_of(visit),
    )


def _steps(detail: RunDetail, told: Dossier, asking: Asking) -> list[Shown]:
    asked = {str(step.id): step for step in told.definition.steps}
    return [_step(row, asked[row.step_id], told, asking) for row in detail.steps]


def _step(row: StepRow, asks: Step, told: Dossier, asking: Asking) -> Shown:
    values = told.values(asks.id)
    return Shown(
        row=row,
        asks=asks,
        role=told.definition.role(asks.role).title,
        instructions=markdown(asks.instructions) if asks.instructions.strip() else None,
        due=asking.due(asks.due) if asks.due else None,
        condition=asking.condition(asks.condition) if asks.condition else None,
        barred=[asking.step_title(other) for other in asks.not_same_actor_as],
        form=[(f, asking.value(f, values[f.id]) if f.id in values else None) for f in asks.fields],
    )


def _comment(row: CommentRow, told: Dossier, asking: Asking) -> tuple[CommentRow, str | None, str]:
    return row, asking.step_title(row.step_id) if row.step_id else None, told.text(row)


async def _refusals(visit: Visit, run: str) -> list[TrailRow]:
    """The commands on the run that were refused, for those who may read the trail."""
    if not visit.may("read_trail"):
        return []
    where = TrailFilter(stream=run, types=("command.refused",))
    return await trail(visit.deps.ask, visit.tenant_id, where=where, limit=MOST_REFUSALS, as_of=visit.as_of)
