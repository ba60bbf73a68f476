"""Questions that a run's own events answer: what was said about it, and what its steps ask and were given."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from domain.ids import FieldId, StepId
from domain.procedures.definition import Step
from domain.refusals import NotFound
from domain.runs.events import Value
from queries.run_comments import CommentRow, run_comments
from queries.run_detail import StepRow
from services.api import query as q
from services.api.answers import rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.query import cursor
from services.api.routes.asking import Page, limit, then
from services.api.routes.run_reads import BIG, READ, the_run
from services.dossier import Dossier, dossier


class Comment(Struct, kw_only=True, frozen=True):
    """A remark on the run, or on one of its steps."""

    seq: int
    at: datetime
    by: str
    by_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    step: str | None
    text: str


class StepDetail(Struct, kw_only=True, frozen=True):
    """A step of a run: where it is, what its procedure asks (instructions, checklist, form, due rule), and what was
    filled in last. Personal values are among `values` for whoever may see the run.
    """

    step: StepRow
    asks: Step
    role_title: str
    values: Mapping[FieldId, Value]


async def list_comments(call: Call) -> Answer:
    """What was said about a run."""
    when, most = await then(call), limit(call)
    found = await the_run(call, when)
    comments = await run_comments(
        call.deps.ask,
        call.tenant,
        found.run.run_id,
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    told = await dossier(call.deps.streams, call.tenant, found.run)
    following = cursor(comments[most - 1].seq) if len(comments) > most else None
    return rows(Page(items=[_comment(told, row) for row in comments[:most]], next=following))


async def one_step(call: Call) -> Answer:
    """A step of a run."""
    found = await the_run(call, await then(call))
    name = StepId(call.ids["step"])
    step = next((step for step in found.steps if step.step_id == name), None)
    if step is None:
        raise NotFound(f"expected a step of the run, but it has no {name!r}")
    told = await dossier(call.deps.streams, call.tenant, found.run)
    asks = told.definition.step(name)
    role = told.definition.role(asks.role)
    detail = StepDetail(step=step, asks=asks, role_title=role.title, values=told.values(name))
    return rows(detail, [(b"etag", b'"%d"' % found.run.version)])


def _comment(told: Dossier, row: CommentRow) -> Comment:
    return Comment(
        seq=row.seq,
        at=row.at,
        by=row.by,
        by_name=row.by_name,
        on_behalf_of=row.on_behalf_of,
        on_behalf_of_name=row.on_behalf_of_name,
        step=row.step_id,
        text=told.text(row),
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/runs/{run}/comments",
        "list_comments",
        "What was said about a run, oldest first; for whoever may see the run.",
        "read_dashboards",
        list_comments,
        answer=Page[Comment],
        query=(q.LIMIT, q.cursor_of(BIG), *READ),
    ),
    Endpoint(
        "GET",
        "/v1/runs/{run}/steps/{step}",
        "get_step",
        "A step of a run: its instructions, checklist, form and due rule, and the values that were filled in.",
        "read_dashboards",
        one_step,
        answer=StepDetail,
        query=READ,
    ),
)
