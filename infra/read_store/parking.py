"""Poison: an event that cannot be folded, or whose rows cannot be stored, parks its stream, for that projection.

Everything else goes on.
A fold sees one stream at a time, so nothing but the later events of the same stream depends on what a fold made of an
event. They wait with it; a retry folds them in order from the log, and nothing is skipped or folded twice.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from domain.events import EVENT_TYPES
from infra.event_store.codec import decode_as
from infra.event_store.sealing import SealBroken
from infra.keys.opening import Open
from infra.read_store.folding import STORED, Changes, Pair, Scope, Stored, by_scope
from infra.read_store.refused import is_refusal
from projections.engine import Projection, Rows

WHERE_IT_IS = "SELECT stream_id::text, version FROM events WHERE tenant_id = %s AND tenant_seq = %s"
REST = f"""
    SELECT {STORED} FROM events WHERE tenant_id = %s AND stream_id = %s AND version >= %s AND position <= %s
    ORDER BY version
"""
PARKED = """
    SELECT tenant_id::text, stream_id::text, position, version, asked_at IS NOT NULL FROM parked_streams
    WHERE projection = %s ORDER BY position
"""
PARK = """
    INSERT INTO parked_streams (tenant_id, projection, stream_id, version, seq, position, type, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, projection, stream_id) DO UPDATE
    SET version = EXCLUDED.version, seq = EXCLUDED.seq, position = EXCLUDED.position, type = EXCLUDED.type,
        error = EXCLUDED.error, tries = parked_streams.tries + 1, asked_at = NULL
"""
RELEASE = "DELETE FROM parked_streams WHERE tenant_id = %s AND projection = %s AND stream_id = %s"


class Poison(NamedTuple):
    """The first event of a stream that is not folded, and why: the error's class and its place in the program."""

    tenant: str
    stream: str
    version: int
    seq: int
    position: int
    type: str
    error: str

    @property
    def scope(self) -> Scope:
        """The stream."""
        return self.tenant, self.stream


class Waiting(NamedTuple):
    """A stream that is parked; `asked`: an operator wants it tried again."""

    tenant: str
    stream: str
    position: int
    version: int
    asked: bool


Begin = Callable[[Scope], Rows]
"""A scope's rows as they are stored."""
Keep = Callable[[Rows, bool], None]
"""Tries whether folded rows can be stored, and raises what refuses them; with True they are stored for good."""


def described(error: BaseException) -> str:
    """An error without its words, for they may be personal: its class, what the database calls it, and its place."""
    frames = [frame for frame in extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{_called(error)}{place}"


def _called(error: BaseException) -> str:
    """The SQLSTATE, and the names of what refused; never a value."""
    if not isinstance(error, psycopg.Error) or error.sqlstate is None:
        return ""
    told = error.diag
    names = [name for name in (told.schema_name, told.table_name, told.column_name, told.constraint_name) if name]
    return f" (SQLSTATE {' '.join([error.sqlstate, *names])})"


def poison_of(pair: Pair, error: BaseException) -> Poison:
    """What is written down about an event that cannot be folded."""
    meta = pair[1]
    return Poison(meta.tenant, meta.stream, meta.version, meta.seq, meta.position, meta.type, described(error))


def decode_each(
    connection: Connection[Any], events: Iterable[Stored], open_sealed: Open
) -> tuple[list[Pair], list[Poison]]:
    """Events that can be decoded and opened, and those that cannot. That keys are out of reach is not their fault."""
    pairs, poisons = [], []
    for stored in events:
        try:
            pair = decode_as(*stored)
        except Exception as error:  # noqa: BLE001  # whatever it is, these bytes are the reason
            poisons.append(_undecodable(connection, stored, error))
            continue
        try:
            open_sealed([pair])
        except SealBroken as error:
            poisons.append(poison_of(pair, error))
            continue
        pairs.append(pair)
    return pairs, poisons


def _undecodable(connection: Connection[Any], stored: Stored, error: Exception) -> Poison:
    position, tenant, seq, _, _, kind = stored
    row = connection.execute(WHERE_IT_IS, (tenant, seq)).fetchone()
    if row is None:
        raise LookupError(f"expected event {seq} of {tenant} in the log, but it is not there") from error
    return Poison(tenant, row[0], row[1], seq, position, kind, described(error))


def concerns(projection: Projection, poison: Poison) -> bool:
    """Does a projection fold events of its type? Of a type that nobody knows it might."""
    return poison.type not in EVENT_TYPES or poison.type in projection.types


def fold_each(
    projection: Projection, events: Iterable[Pair], begin: Begin, keep: Keep
) -> tuple[Changes, list[Poison]]:
    """Fold stream by stream, each as far as it can be; the streams that could not be folded to their end."""
    changes, poisons = Changes(), []
    for scope, pairs in by_scope(projection, events).items():
        rows, poison = _fold_stream(projection, scope, pairs, begin, keep)
        changes.take(rows)
        if poison:
            poisons.append(poison)
    return changes, poisons


def _fold_stream(
    projection: Projection, scope: Scope, pairs: Sequence[Pair], begin: Begin, keep: Keep
) -> tuple[Rows, Poison | None]:
    """Halve the events until the first is found that cannot be folded, or after which rows cannot be stored."""

    def attempt(count: int, *, last: bool = False) -> Rows | Exception:
        rows = begin(scope)
        error = _problem_with(projection, rows, pairs[:count], lambda: keep(rows, last)) if count else None
        return error or rows

    found = attempt(len(pairs), last=True)
    if isinstance(found, Rows):
        return found, None
    good, bad, error = 0, len(pairs), found
    while bad - good > 1:
        middle = (good + bad) // 2
        found = attempt(middle)
        if isinstance(found, Rows):
            good = middle
        else:
            bad, error = middle, found
    # The rows of an attempt that failed are spoilt.
    rows = attempt(good, last=True)
    if isinstance(rows, Exception):
        raise rows
    return rows, poison_of(pairs[good], error)


def _problem_with(
    projection: Projection, rows: Rows, pairs: Sequence[Pair], keep: Callable[[], None]
) -> Exception | None:
    """Why events cannot be folded into rows and kept: a fold is pure, so whatever it raises, it raises again."""
    try:
        projection.fold(rows, pairs)
        keep()
    except Exception as error:
        if not is_refusal(error):
            raise
        return error
    return None


def park(connection: Connection[Any], name: str, poisons: Iterable[Poison]) -> None:
    """Write down which streams wait, in the transaction that moves on without them."""
    for one in poisons:
        values = (one.tenant, name, one.stream, one.version, one.seq, one.position, one.type, one.error)
        connection.execute(PARK, values)


def waiting(connection: Connection[Any], name: str) -> list[Waiting]:
    """A projection's parked streams, of all tenants."""
    return [Waiting(*row) for row in connection.execute(PARKED, (name,)).fetchall()]


def rest_of(
    connection: Connection[Any], projection: Projection, one: Waiting, through: int, open_sealed: Open
) -> tuple[list[Pair], list[Poison]]:
    """What a parked stream waits with, as far as everything else is folded; up to what cannot be decoded."""
    cursor = connection.cursor(binary=True)
    found: list[Stored] = cursor.execute(REST, (one.tenant, one.stream, one.version, through)).fetchall()
    pairs, bad = decode_each(connection, found, open_sealed)
    poisons = [poison for poison in bad if concerns(projection, poison)]
    if poisons:
        pairs = [pair for pair in pairs if pair[1].position < poisons[0].position]
    return pairs, poisons[:1]


def release(connection: Connection[Any], name: str, one: Waiting) -> None:
    """A stream waits no more."""
    connection.execute(RELEASE, (one.tenant, name, one.stream))
