"""The live feed of a company's changes (server-sent events)."""

from domain.tenants.keys import check_key
from domain.tenants.permitting import permit
from services.api import query as q
from services.api.authentication import authenticate
from services.api.call import Call, Caller
from services.api.endpoint import Endpoint, Query
from services.api.query import WHOLE
from services.api.refusals import InvalidHeader, ReadNotLogged, Unauthenticated, Unavailable
from services.feeding.changes import Change, Sight
from services.feeding.response import FeedResponse
from services.feeding.sight import sight_of

NEEDS = "read_feed"
LAST_EVENT_ID = b"last-event-id"


async def read_feed(call: Call) -> FeedResponse:
    """What happens from now on, or after a sequence."""
    if call.deps.feeds is None:
        raise Unavailable("expected to open a feed, but this server tells nothing live")

    async def check() -> Sight:
        caller = await _still(call)
        return sight_of(caller.tenant, caller.member, caller.key)

    async def note(after: int, through: int) -> None:
        if call.deps.access is None:
            raise ReadNotLogged("expected to put the read on record, but this server keeps none")
        asked = {"after": str(after), "through": str(through)}
        await call.deps.access.note(call.tenant, call.member, NEEDS, asked, call.deps.clock())

    credential = call.known.key_id or call.member
    return FeedResponse(await call.deps.feeds.open(call.tenant, credential, _after(call), check, note))


async def _still(call: Call) -> Caller:
    """Who reads, as far as the credential still opens this to the same member. Raises a Refusal."""
    now = call.deps.clock()
    caller = await authenticate(call.deps, call.headers.get(b"authorization"), now)
    if caller.member.id != call.member:
        raise Unauthenticated
    permit(caller.tenant, caller.member.id, NEEDS, now)
    if caller.key is not None:
        check_key(caller.key, NEEDS)
    return caller


def _after(call: Call) -> int | None:
    """Where to go on: a browser that was cut off says it in a header, whatever its address says."""
    header = call.headers.get(LAST_EVENT_ID, b"").decode("latin-1").strip()
    if not header:
        after: int | None = call.query.get("after")
        return after
    if not WHOLE.fullmatch(header):
        raise InvalidHeader("expected the id of an event, a whole number, in 'Last-Event-ID', but got another")
    return int(header)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/feed",
        "read_feed",
        "A live feed of the company's changes: server-sent events (`text/event-stream`). Each holds one change as "
        "`data`, with its sequence as `id`; it is sent once every read model shows it. After a cut go on with the last "
        "id in `Last-Event-ID`, or `?after=`: nothing is left out or told twice; without either, from now on. What it "
        "tells is decided as it is sent: all that the trail holds to those who may read that; to others the runs and "
        "procedures that they may see then. An id without data says how far the feed is. Comments keep the connection "
        "open. `event: dropped` is the last of a feed: its data is a problem. Without one, its time is over.",
        NEEDS,
        read_feed,
        answer=Change,
        query=(
            Query(
                "after",
                q.whole("after", 0, 2**53),
                {"type": "integer", "minimum": 0},
                "Begin with what follows this sequence; without it, with what follows now.",
            ),
        ),
        media="text/event-stream",
    ),
)
