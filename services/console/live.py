"""What pages listen to: the company's feed, for who is signed in and for as long as they are."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from domain.tenants.permitting import permit
from infra.read_store.access_log import ReadNotWritten
from services.api.problems import answer_to
from services.api.query import whole
from services.api.refusals import Unauthenticated, Unavailable
from services.console.deps import Deps
from services.console.links import Pass
from services.feeding.changes import Sight
from services.feeding.response import FeedResponse
from services.feeding.sight import sight_of
from services.guarding import needing

NEEDS = "read_feed"
WHAT = "console:feed"
MOST = 2**53


def feed_at(deps: Deps, cookie: str) -> Callable[[Request], Awaitable[Response]]:
    """The route; whatever keeps it from opening is told as a problem, for a script reads it."""

    @needing(NEEDS)
    async def feed(request: Request) -> Response:
        try:
            return await _open(deps, request.cookies.get(cookie, ""), request)
        except Exception as error:  # noqa: BLE001 – whatever it is, it is told as a code, and logged
            told = answer_to(error, WHAT)
            return Response(told.body, told.status, media_type="application/problem+json")

    return feed


async def _open(deps: Deps, session: str, request: Request) -> Response:
    feeds = deps.feeds
    if feeds is None:
        raise Unavailable("expected to open a feed, but this server tells nothing live")
    visitor, sight = await _seen(deps, session)
    text = request.headers.get("last-event-id") or request.query_params.get("after")
    after = None if text is None else whole("after", 0, MOST)(text)

    async def check() -> Sight:
        return (await _seen(deps, session))[1]

    async def note(seq: int, through: int) -> None:
        await _note(deps, visitor, after=str(seq), through=str(through))

    if sight.logged:
        await _note(deps, visitor, after=text or "")
    return FeedResponse(await feeds.open(visitor.tenant, f"console of {visitor.member}", after, check, note))


async def _seen(deps: Deps, session: str) -> tuple[Pass, Sight]:
    """Who listens, and what they see now. Raises Unauthenticated, NotPermitted."""
    now = deps.clock()
    found = await deps.links.session(session, now)
    if found is None:
        raise Unauthenticated
    company = await deps.commands.tenant(found.tenant)
    return found, sight_of(company, permit(company, found.member, NEEDS, now), None)


async def _note(deps: Deps, visitor: Pass, **asked: str) -> None:
    if deps.access is None:
        raise ReadNotWritten("expected to put the look on record, but there is none")
    await deps.access.note(visitor.tenant, visitor.member, WHAT, asked, deps.clock())
