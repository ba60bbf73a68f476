"""What is behind the numbers of flow: runs, turns of a step, work that came back, steps that wait."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

from starlette.responses import Response

from queries.returns_behind import Causes, returns_behind
from queries.role_titles import role_titles
from queries.runs_behind import MOST_DAYS, What, runs_behind
from queries.step_title import step_title
from queries.turns_behind import Turns, turns_behind
from queries.waiting_behind import waiting_behind
from queries.waiting_for import waiting_for
from services.console.asked import Asked, asked, departments_of, procedures_of
from services.console.moments import NotUnderstood
from services.console.places import A_PAGE, a_day, a_name, a_number, a_page, an_id, an_instant, read_place
from services.console.rendering import page as render
from services.console.visit import Visit


async def runs(visit: Visit) -> Response:
    """Runs that were started, or came to an end in some way. Raises NotUnderstood."""
    what, which = asked(visit), _what(visit, What, "completed")
    least = visit.number("at_least", MOST_DAYS)
    found = await runs_behind(
        visit.deps.ask,
        visit.tenant_id,
        what=which,
        weeks=what.weeks,
        **what.only,
        at_least=least,
        viewer=visit.viewer,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_day, an_id),
        as_of=visit.as_of,
    )
    return await _list(visit, what, "behind_runs.html", f"behind_{which}", found, least=least)


async def turns(visit: Visit) -> Response:
    """Each time that a step was over in some way. Raises NotUnderstood."""
    return await _of_step(visit, turns_behind, Turns, "turns")


async def returns(visit: Visit) -> Response:
    """Each time that work came back to a step. Raises NotUnderstood."""
    return await _of_step(visit, returns_behind, Causes, "returns")


async def waiting(visit: Visit) -> Response:
    """Steps that are ready, and whom they wait for. Raises NotUnderstood."""
    what, step, is_nobodys = asked(visit), visit.text("step"), visit.choice("nobodys", "1") is not None
    if step and not what.procedure:
        raise NotUnderstood("procedure")
    seen: dict[str, Any] = {"viewer": visit.viewer, "as_of": visit.as_of}
    found = await waiting_behind(
        visit.deps.ask,
        visit.tenant_id,
        at=visit.at,
        **what.only,
        step=step,
        role=visit.text("role"),
        assignee=visit.uuid("assignee"),
        nobodys=is_nobodys,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), an_instant, an_id, a_name),
        **seen,
    )
    people = []
    if step and what.procedure and not is_nobodys and not visit.uuid("assignee"):
        people = await waiting_for(
            visit.deps.ask, visit.tenant_id, at=visit.at, procedure=what.procedure, step=step, **seen
        )
    roles = await role_titles(visit.deps.ask, visit.tenant_id, as_of=visit.as_of)
    return await _list(visit, what, "behind_waiting.html", "waiting_list", found, people=people, roles=roles)


def _what(visit: Visit, choices: Any, usual: str) -> Any:
    """Which of them are asked for. Raises NotUnderstood."""
    return visit.choice("what", *get_args(choices)) or usual


async def _of_step(visit: Visit, question: Callable[..., Awaitable[list[Any]]], choices: Any, name: str) -> Response:
    """What happened to the step that is asked about. Raises NotUnderstood."""
    what, which, step = asked(visit), _what(visit, choices, "all"), visit.text("step")
    if not step or not what.procedure:
        raise NotUnderstood("step")
    of: dict[str, Any] = {"procedure": what.procedure, "step": step, "viewer": visit.viewer, "as_of": visit.as_of}
    found = await question(
        visit.deps.ask,
        visit.tenant_id,
        weeks=what.weeks,
        what=which,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_day, a_number),
        **of,
    )
    title = await step_title(visit.deps.ask, visit.tenant_id, **of) or step
    return await _list(visit, what, f"behind_{name}.html", f"{name}_{which}", found, step=title)


async def _list(visit: Visit, what: Asked, template: str, title: str, found: list[Any], **data: Any) -> Response:
    shown, more = a_page(visit, found)
    return render(
        visit,
        template,
        title=title,
        asked=what,
        rows=shown,
        more=more,
        titles=await procedures_of(visit),
        departments=await departments_of(visit),
        **data,
    )
