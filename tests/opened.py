"""Events from their stored bodies with what is sealed opened, as the program reads them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from domain.events import Event
from domain.ids import TenantId
from infra.event_store.codec import decode
from infra.keys.opening import Opening

_UNSAID = datetime(1, 1, 1, tzinfo=UTC)


def opened(connection: Connection[Any], tenant: str, bodies: Iterable[bytes]) -> list[Event]:
    """The events of some of a tenant's bodies, in the order given."""
    pairs = [decode(0, TenantId(tenant), 0, _UNSAID, body) for body in bodies]
    Opening(connection)(pairs)
    return [event for event, _ in pairs]
