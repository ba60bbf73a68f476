"""Sealing and opening over one connection of the application's, for console tools: one event at a time."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Connection

from domain.events import Event
from infra.event_store.sealing import open_in_place, sealed, sealed_for, unsealed_for
from infra.keys.master import Master, master_of
from infra.keys.ring import Ring
from infra.keys.subject_keys import NoKey

OF = "SELECT n, wrapped FROM data_keys_of(ARRAY[%s]::uuid[], ARRAY[%s]::uuid[])"
MADE = "SELECT n, wrapped FROM data_keys_made(ARRAY[%s]::uuid[], ARRAY[%s]::uuid[], ARRAY[%s]::bytea[])"


class ToolKeys:
    """One tenant's keys; none is kept longer than it is used."""

    def __init__(self, connection: Connection[Any], tenant: str, master: Master | None = None) -> None:
        self._connection = connection
        self._tenant = tenant
        self._master = master or master_of()

    def sealed(self, event: Event, stream: str, version: int) -> Event:
        """The event as it goes into the log. Raises NoKey for who was erased."""
        subject = unsealed_for(event, stream)
        if subject is None:
            return event
        ring = Ring(self._master)
        offered, _ = ring.new((self._tenant, subject))
        row = self._connection.execute(MADE, (self._tenant, subject, offered)).fetchone()
        if row is None:
            raise NoKey("expected to seal what is personal, but whose it is was erased")
        return sealed(event, self._tenant, stream, version, ring.unwrapped((self._tenant, subject), row[1]))

    def open(self, stream: str, events: Sequence[tuple[Event, int]]) -> None:
        """Open events of a stream that were just decoded, each with its version."""
        ring = Ring(self._master)
        for event, version in events:
            subject = sealed_for(event, stream)
            if subject is not None:
                open_in_place(event, self._tenant, stream, version, self._key(ring, subject))

    def _key(self, ring: Ring, subject: str) -> AESGCM | None:
        whose = self._tenant, subject
        known = ring.get(whose)
        if not isinstance(known, str):
            return known
        row = self._connection.execute(OF, whose).fetchone()
        if row is not None:
            return ring.unwrapped(whose, row[1])
        ring.put(whose, None)
        return None
