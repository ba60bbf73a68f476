"""The console's addresses: a session first, then the permission, then the page."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.refusals import NotPermitted
from domain.tenants.permitting import AccessEnded, permit
from infra.event_store.reader import EventUnreadable
from infra.read_store.access_log import ReadNotWritten
from infra.read_store.asking import AsOfNotScanned, AsOfUnknown
from infra.read_store.past import PastUnfoldable
from services.api.endpoint import OPEN
from services.console import rendering
from services.console.deps import Deps
from services.console.links import Pass
from services.console.live import feed_at
from services.console.moments import NotUnderstood
from services.console.pages import (
    behind,
    dependence,
    due,
    evidence,
    exports,
    flow,
    load,
    member,
    progress,
    read_models,
    reads,
    run,
    seats,
    subjects,
    tasks,
    trail,
)
from services.console.pages.missing import Missing
from services.console.visit import HOME, InTheFuture, Visit, as_it_was, language
from services.console.words import word
from services.guarding import check_needs, needing
from services.viewing import is_logged, noted

COOKIE = "ashiato_session"
Handler = Callable[[Visit], Awaitable[Response]]


class PageAt(NamedTuple):
    """A page: its path below the console's, what reading it needs, and what makes it."""

    path: str
    needs: str
    make: Handler


class Told(NamedTuple):
    """What a visitor is told instead of a page: the status, and two of the console's words."""

    status: int
    title: str
    text: str


TOLD: Mapping[type[Exception], Told] = {
    NotPermitted: Told(403, "e_403_title", "e_403_text"),
    AccessEnded: Told(403, "e_ended_title", "e_ended_text"),
    ReadNotWritten: Told(503, "e_503_title", "e_503_text"),
    Missing: Told(404, "e_404_title", "e_404_text"),
    InTheFuture: Told(400, "e_400_title", "e_future_text"),
    NotUnderstood: Told(400, "e_400_title", "e_400_text"),
    AsOfUnknown: Told(400, "e_400_title", "e_400_text"),
    AsOfNotScanned: Told(504, "e_504_title", "e_504_text"),
    PastUnfoldable: Told(409, "e_409_title", "e_409_text"),
    EventUnreadable: Told(409, "e_409_title", "e_409_text"),
}

PAGES = (
    PageAt("", "read_dashboards", progress.page),
    PageAt("runs/{run}", "read_dashboards", run.page),
    PageAt("tasks", "read_own_tasks", tasks.page),
    PageAt("due", "read_dashboards", due.page),
    PageAt("subjects", "read_dashboards", subjects.page),
    PageAt("subjects/runs", "read_dashboards", subjects.runs),
    PageAt("flow", "read_dashboards", flow.page),
    PageAt("flow/runs", "read_dashboards", behind.runs),
    PageAt("flow/turns", "read_dashboards", behind.turns),
    PageAt("flow/returns", "read_dashboards", behind.returns),
    PageAt("flow/waiting", "read_dashboards", behind.waiting),
    PageAt("dependence", "read_load", dependence.page),
    PageAt("dependence/turns", "read_load", dependence.turns),
    PageAt("dependence/absence", "read_load", dependence.absence),
    PageAt("load", "read_load", load.page),
    PageAt("members/{member}", "read_duties", member.page),
    PageAt("trail", "read_trail", trail.page),
    PageAt("seats", "read_seats", seats.page),
    PageAt("evidence", "read_evidence", evidence.page),
    PageAt("reads", "read_reads", reads.page),
    PageAt("exports", "read_exports", exports.page),
    PageAt("projections", "read_projections", read_models.page),
)


def console_router(deps: Deps) -> APIRouter:
    """Everything below /console. Raises RouteWithoutPermission."""
    router = APIRouter(include_in_schema=False)
    for at in PAGES:
        check_needs(HOME + at.path, at.needs)
        router.add_api_route(HOME + at.path, needing(at.needs)(_page(deps, at)), response_model=None)
    router.add_api_route(HOME + "feed", feed_at(deps, COOKIE), response_model=None)
    router.add_api_route("/console", _home, response_model=None)
    router.add_api_route(HOME + "enter", _enter(deps), response_model=None)
    router.add_api_route(HOME + "leave", _leave(deps), methods=["POST"], response_model=None)
    router.add_api_route(HOME + "static/{name}", _static, response_model=None)
    router.add_api_route(HOME + "{rest:path}", _nowhere, response_model=None)
    router.add_api_route("/", _front, response_model=None)
    return router


def _page(deps: Deps, at: PageAt) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        lang = language(request)
        try:
            visit = await _visit(deps, at, request)
            if visit is None:
                return rendering.notice(lang, 401, "e_link_title", word(lang, "e_link_text"), command="ashiato link")
            return await at.make(visit)
        except tuple(TOLD) as problem:
            told = TOLD[type(problem)]
            return rendering.notice(lang, told.status, told.title, word(lang, told.text, what=str(problem)))

    return answer


async def _visit(deps: Deps, at: PageAt, request: Request) -> Visit | None:
    """Who looks, permitted to; None without a session.

    Raises NotPermitted, NotUnderstood and InTheFuture; and ReadNotWritten when an auditor looks.
    """
    now = deps.clock()
    found = await deps.links.session(request.cookies.get(COOKIE, ""), now)
    if found is None:
        return None
    company = await deps.commands.tenant(found.tenant)
    member = permit(company, found.member, at.needs, now)
    query = {key: value.replace("\0", "") for key, value in request.query_params.items()}
    as_of, instant = await as_it_was(deps, found.tenant, company, query.get("as_of", ""), now)
    if is_logged(member):
        await _note(deps, at, request, found, now)
    path, params, lang = request.url.path, request.path_params, language(request)
    return Visit(deps, found.tenant, company, member, path, params, query, lang, now, as_of, instant)


async def _note(deps: Deps, at: PageAt, request: Request, who: Pass, now: datetime) -> None:
    """Put an auditor's look on record."""
    if deps.access is None:
        raise ReadNotWritten("expected to put the look on record, but there is none")
    asked = {**request.path_params, **{key: value.replace("\0", "") for key, value in request.query_params.items()}}
    await deps.access.note(who.tenant, who.member, f"console:{at.path or 'progress'}", noted(asked), now)


def _enter(deps: Deps) -> Callable[[Request], Awaitable[Response]]:
    @needing(OPEN)
    async def enter(request: Request) -> Response:
        lang = language(request)
        session = await deps.links.enter(request.query_params.get("token", ""), deps.clock())
        if session is None:
            text = word(lang, "e_link_used")
            return rendering.notice(lang, 401, "e_link_title", text, command="ashiato link")
        # Not a redirect: a browser that came from another site would not send a SameSite=Strict cookie along.
        response = rendering.notice(lang, 200, "entered_title", word(lang, "entered_text"), go_on=HOME)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, session, path="/console", secure=secure, httponly=True, samesite="strict")
        return response

    return enter


def _leave(deps: Deps) -> Callable[[Request], Awaitable[Response]]:
    @needing(OPEN)
    async def leave(request: Request) -> Response:
        await deps.links.leave(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(HOME, 303)
        response.delete_cookie(COOKIE, path="/console")
        return response

    return leave


@needing(OPEN)
async def _home() -> Response:
    return RedirectResponse(HOME, 308)


@needing(OPEN)
async def _front(request: Request) -> Response:
    """What a browser finds at the server's bare address."""
    lang = language(request)
    links = ((HOME, word(lang, "front_console")), ("/docs", word(lang, "front_docs")))
    return rendering.notice(lang, 200, "front_title", word(lang, "front_text"), links=links)


@needing(OPEN)
async def _nowhere(request: Request) -> Response:
    """The same page for whoever asks: it says nothing about what is there for others."""
    lang = language(request)
    return rendering.notice(lang, 404, "e_404_title", word(lang, "e_404_text"), links=((HOME, word(lang, "go_on")),))


@needing(OPEN)
async def _static(request: Request) -> Response:
    found = rendering.static(request.path_params["name"])
    return found or rendering.notice(language(request), 404, "e_404_title", word(language(request), "e_404_text"))
