"""A stream as it was."""

from collections.abc import Sequence

from domain.events import Event
from domain.ids import TenantId
from queries.asking import Ask, AsOf
from queries.stream_version import stream_version
from services.dossier import Streams


async def events_then(ask: Ask, streams: Streams, tenant: TenantId, stream: str, as_of: AsOf | None) -> Sequence[Event]:
    """A stream's events, all of them or those there were then."""
    events: Sequence[Event] = (await streams(tenant, {stream: 0})).get(stream, ())
    return events if as_of is None else events[: await stream_version(ask, tenant, stream, as_of=as_of)]
