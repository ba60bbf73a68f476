"""What is behind the numbers of dashboards of flow: runs, turns of steps, rework, and steps that wait."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, get_args

from msgspec import Meta

from queries.asking import Placed
from queries.returns_behind import Causes, Return, returns_behind
from queries.runs_behind import MOST_DAYS, RunBehind, What, runs_behind
from queries.turns_behind import Turn, Turns, turns_behind
from queries.waiting_behind import ReadyStep, waiting_behind
from services.api import query as q
from services.api.bodies import Slug, Uuid
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.routes.asking import Page, limit, page, then, viewer
from services.api.routes.figures import FROM, PROCEDURE, STEP, TO, UUID, YES, dashboard, needed, period
from services.api.routes.run_reads import BIG, DEPARTMENT

SLUG = {"type": "string"}


async def runs(call: Call) -> Answer:
    """Runs."""
    when, most, given = await then(call), limit(call), call.query
    found = await runs_behind(
        call.deps.ask,
        call.tenant,
        what=given.get("what", "completed"),
        weeks=period(call, when),
        procedure=given.get("procedure"),
        department=given.get("department"),
        at_least=given.get("at_least"),
        viewer=viewer(call),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def turns(call: Call) -> Answer:
    """Turns of a step."""
    return await _of_step(call, turns_behind)


async def returns(call: Call) -> Answer:
    """Work that came back to a step."""
    return await _of_step(call, returns_behind)


async def _of_step(call: Call, question: Callable[..., Awaitable[Sequence[Placed]]]) -> Answer:
    """What happened to a step."""
    when, most = await then(call), limit(call)
    found = await question(
        call.deps.ask,
        call.tenant,
        procedure=needed(call, "procedure"),
        step=needed(call, "step"),
        weeks=period(call, when),
        what=call.query.get("what", "all"),
        viewer=viewer(call),
        limit=most + 1,
        after=call.query.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


async def waiting(call: Call) -> Answer:
    """Steps that are ready."""
    when, most, given = await then(call), limit(call), call.query
    found = await waiting_behind(
        call.deps.ask,
        call.tenant,
        at=when.at,
        procedure=needed(call, "procedure") if "step" in given else given.get("procedure"),
        step=given.get("step"),
        role=given.get("role"),
        assignee=given.get("assignee"),
        nobodys=given.get("nobodys", False),
        department=given.get("department"),
        viewer=viewer(call),
        limit=most + 1,
        after=given.get("cursor"),
        as_of=when.as_of,
    )
    return page(found, most)


def _list(path: str, name: str, about: str, handle: Any, row: type, *query: Query) -> Endpoint:
    return dashboard(path, name, "read_dashboards", about, handle, Page[row], *query, q.LIMIT)  # type: ignore[valid-type]


def _what(choices: Any, usual: str) -> Query:
    words: tuple[str, ...] = get_args(choices)
    return Query("what", q.one_of("what", words), {"enum": list(words), "default": usual}, "Which of them.")


ENDPOINTS = (
    _list(
        "runs",
        "runs_behind",
        "Runs behind a figure: those started, or come to an end, in some weeks; the latest first.",
        runs,
        RunBehind,
        _what(What, "completed"),
        PROCEDURE,
        DEPARTMENT,
        Query(
            "at_least",
            q.whole("at_least", 0, MOST_DAYS),
            {"type": "integer", "minimum": 0},
            "Only those with a lead time of at least so many days.",
        ),
        FROM,
        TO,
        q.cursor_of(tuple[date, Uuid]),
    ),
    _list(
        "turns",
        "turns_behind",
        "Turns of a step behind a figure: each time it was ready, until which event, and for how long.",
        turns,
        Turn,
        _what(Turns, "all"),
        PROCEDURE,
        STEP,
        FROM,
        TO,
        q.cursor_of(tuple[date, BIG]),
    ),
    _list(
        "returns",
        "returns_behind",
        "Rework of a step behind a figure: each time work came back to it, by which event.",
        returns,
        Return,
        _what(Causes, "all"),
        PROCEDURE,
        STEP,
        FROM,
        TO,
        q.cursor_of(tuple[date, BIG]),
    ),
    _list(
        "waiting/steps",
        "waiting_behind",
        "Ready steps behind a figure, the longest waiting first.",
        waiting,
        ReadyStep,
        PROCEDURE,
        STEP,
        Query("role", q.slug("role"), SLUG, "Only steps of this role."),
        Query("assignee", q.uuid("assignee"), UUID, "Only steps of this member."),
        Query("nobodys", q.yes_or_no("nobodys"), YES, "Only steps that are nobody's."),
        DEPARTMENT,
        q.cursor_of(tuple[Annotated[datetime, Meta(tz=True)], Uuid, Slug]),
    ),
)
