"""The group-committing writer: whatever queued while the last batch was committed goes into the next one.

A connection lost in mid-commit leaves the outcome unknown: the batch is sent again, and the ledger says which of its
commands are already in. Nobody can tell then whether it was this try or another process that was sent the same
command, so what got in unheard is a duplicate with its first answer, and does not count as appended by us.
"""

from collections.abc import Sequence

from psycopg import errors
from psycopg.pq.abc import PGresult

from commands.ports import Entry, NewEvent, Verdict
from infra.event_store.arrays import (
    Array,
    Booleans,
    Bytes,
    Instants,
    Ints,
    Texts,
    Uuids,
)
from infra.event_store.binary import instant_from, integer_from
from infra.event_store.codec import encode
from infra.event_store.grouping import Grouped
from infra.event_store.wire import Statement, Wire
from infra.keys.subject_keys import NewKey, Sealed, SubjectKeys
from infra.roles import ROLES, as_role

APPEND = Statement(
    "append",
    "SELECT * FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    (
        *(Uuids, Uuids, Bytes, Bytes, Instants),
        *(Ints, Uuids, Ints, Booleans),
        *(Ints, Uuids, Ints, Texts, Bytes),
    ),
)
APPEND_WITH_KEYS = Statement(
    "append_with_keys",
    "SELECT * FROM append_with_keys($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    (*APPEND.takes, Uuids, Uuids, Bytes),
)
MOST_COMMANDS = 256
MOST_EVENTS = 5_000

Body = tuple[str, int, str, bytes]
"""An event as stored: stream, version, type, body."""

Queued = tuple[Entry, Sequence[Body], Sequence[NewKey]]


class Writer:
    """Appends to the log over one connection, in the event loop that starts it; what is personal goes in sealed."""

    def __init__(self, dsn: str, keys: SubjectKeys | None = None) -> None:
        self._keys = keys or SubjectKeys(dsn)
        self._has_own_keys = keys is None
        self._wire = Wire(as_role(dsn, ROLES.application))
        self._grouped = Grouped(self._commit, MOST_COMMANDS, MOST_EVENTS)

    @property
    def batches(self) -> int:
        """Transactions so far."""
        return self._grouped.groups

    @property
    def commands(self) -> int:
        """Commands in them."""
        return self._grouped.questions

    async def start(self) -> None:
        """Connect."""
        await self._wire.connect()

    async def stop(self) -> None:
        """Commit what is queued, then end."""
        await self._grouped.stop()
        await self._wire.close()
        if self._has_own_keys:
            await self._keys.stop()

    async def append(self, entry: Entry) -> Verdict:
        """Append one command's events; returns when they are durable, or with the reason why not."""
        try:
            return await self._append(entry, await self._keys.sealed(entry))
        except errors.UniqueViolation:
            # Whom a run is about has a key already: from a try of which the answer was lost, or that was in vain.
            return await self._append(entry, await self._keys.sealed(entry, nobody_is_new=True))

    async def _append(self, entry: Entry, sealed: Sealed) -> Verdict:
        bodies = bodies_of(entry, sealed.events)
        return await self._grouped.ask((entry, bodies, sealed.new), len(bodies))

    async def _commit(self, batch: Sequence[Queued]) -> Sequence[Verdict]:
        """One transaction."""
        new = [key for _, _, keys in batch for key in keys]
        parameters = parameters_of([(entry, bodies) for entry, bodies, _ in batch])
        if not new:
            return _verdicts(await self._wire.ask(APPEND, parameters))
        keys = (
            Uuids(key.whose[0] for key in new),
            Uuids(key.whose[1] for key in new),
            Bytes(key.wrapped for key in new),
        )
        verdicts = _verdicts(await self._wire.ask(APPEND_WITH_KEYS, (*parameters, *keys)))
        self._keys.stored(new)
        return verdicts


def bodies_of(entry: Entry, sealed: Sequence[NewEvent]) -> Sequence[Body]:
    """The events of an entry as they are stored, from the same events with what is personal sealed."""
    correlation = entry.correlation or entry.command
    return [
        (
            stream,
            version,
            event.type,
            encode(
                event,
                stream,
                version,
                actor=entry.actor,
                command=entry.command,
                correlation=correlation,
                causation=entry.causation,
                on_behalf_of=entry.on_behalf_of,
                reason=entry.reason,
                occurred=entry.occurred_at,
            ),
        )
        for stream, version, event in sealed
    ]


def parameters_of(batch: Sequence[tuple[Entry, Sequence[Body]]]) -> tuple[Array | None, ...]:
    """The arrays of the append function; its comment says what each holds."""
    entries = [entry for entry, _ in batch]
    seen = [(n, *s) for n, entry in enumerate(entries, 1) for s in entry.seen]
    events = [(n, *b) for n, (_, bodies) in enumerate(batch, 1) for b in bodies]
    simulated = any(entry.simulated_at for entry in entries)
    return (
        Uuids(e.tenant for e in entries),
        Uuids(e.command for e in entries),
        Bytes(e.request_hash for e in entries),
        Bytes(e.result for e in entries),
        Instants(e.simulated_at for e in entries) if simulated else None,
        Ints(s[0] for s in seen),
        Uuids(s[1] for s in seen),
        Ints(s[2] for s in seen),
        Booleans(s[3] for s in seen),
        Ints(e[0] for e in events),
        Uuids(e[1] for e in events),
        Ints(e[2] for e in events),
        Texts(e[3] for e in events),
        Bytes(e[4] for e in events),
    )


def _verdicts(rows: PGresult) -> list[Verdict]:
    value = rows.get_value
    return [
        Verdict(
            (value(n, 0) or b"").decode(),  # type: ignore[arg-type]  # one of the three words
            integer_from(value(n, 1)),
            integer_from(value(n, 2)),
            instant_from(value(n, 3)),
            value(n, 4) or b"",
            value(n, 5) or b"",
        )
        for n in range(rows.ntuples)
    ]
