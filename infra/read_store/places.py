"""How far projections are, partition by partition: positions move by compare-and-set, under the epoch of who leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import getpid
from socket import gethostname
from typing import Any

from psycopg import Connection

from infra.read_store.folding import Pair, Scope, Scopes
from infra.read_store.source import Delivery, Place
from projections.engine import Projection

ROWS = """
    SELECT partition, source, version, position, epoch FROM projections WHERE name = %s ORDER BY partition FOR UPDATE
"""
LAY_OUT = """
    INSERT INTO projections (name, partition, source, version, position, epoch)
    SELECT %s, partition, %s, %s, %s, %s FROM generate_series(0, %s - 1) partition
"""
TAKE_OVER = """
    UPDATE projections SET epoch = epoch + 1, leader = %s WHERE name = %s AND partition = ANY (%s)
    RETURNING partition, position, next_offset, epoch
"""
MOVE = """
    UPDATE projections p SET position = m.position, next_offset = m.next_offset, moved_at = now()
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        m (partition, position, next_offset, stored, epoch)
    WHERE p.name = %s AND p.partition = m.partition AND p.position = m.stored AND p.epoch = m.epoch
"""
HOLD = """
    SELECT FROM projections WHERE name = %s AND partition = %s AND position = %s AND epoch = %s FOR UPDATE
"""


class Fenced(Exception):
    """Another projector has taken over; this one must stop."""


class VersionsDiffer(Exception):
    """The stored rows are of another version of the fold: they must be rebuilt first."""


class SourcesDiffer(Exception):
    """The stored positions are of other partitions, and cannot be told in those of this source."""


@dataclass(slots=True)
class Followed:
    """A projection, how far each partition is folded and how far stored, under which epochs, and what is parked.

    `name` is its schema and its rows in `projections`: the projection's own, or another while it is rebuilt.
    `parked` holds the position of the first event that a stream waits with.
    """

    name: str
    projection: Projection
    scopes: Scopes
    stored: dict[int, Place]
    epochs: dict[int, int]
    folded: dict[int, Place] = field(default_factory=dict)
    parked: dict[Scope, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folded = dict(self.stored)

    def wants(self, events: Mapping[int, Sequence[Pair]]) -> list[Pair]:
        """Those events, by partition, that are to be folded: not folded before, and of no stream that waits."""
        wanted = [pair for partition, pairs in events.items() for pair in self._beyond(partition, pairs)]
        if not self.parked:
            return wanted
        never = self.parked.get
        return [pair for pair in wanted if pair[1].position < never((pair[1].tenant, pair[1].stream), 2**63)]

    def _beyond(self, partition: int, pairs: Sequence[Pair]) -> Sequence[Pair]:
        after = self.folded[partition].position
        if not pairs or pairs[0][1].position > after:
            return pairs
        return [pair for pair in pairs if pair[1].position > after]

    def move(self, connection: Connection[Any], to: Mapping[int, Place]) -> None:
        """Positions move only from where we believe them to be, and only while we are the one. Raises Fenced."""
        moves = {n: place for n, place in to.items() if place.position > self.stored[n].position}
        if not moves:
            return
        columns = (
            list(moves),
            [place.position for place in moves.values()],
            [place.offset for place in moves.values()],
            [self.stored[n].position for n in moves],
            [self.epochs[n] for n in moves],
        )
        if connection.execute(MOVE, (*columns, self.name), prepare=True).rowcount != len(moves):
            raise self.fenced()

    def hold(self, connection: Connection[Any], partition: int) -> None:
        """Keep everyone from moving a partition until the transaction ends. Raises Fenced."""
        values = (self.name, partition, self.stored[partition].position, self.epochs[partition])
        if connection.execute(HOLD, values).rowcount != 1:
            raise self.fenced()

    def fenced(self) -> Fenced:
        """What another's taking over is told by."""
        return Fenced(f"expected to be the one who writes {self.projection.name!r}, but another took over")


def further(one: Mapping[int, Place], other: Mapping[int, Place]) -> dict[int, Place]:
    """The places that are further on, partition by partition."""
    return {**one, **{n: max(place, one[n], key=lambda it: it.position) for n, place in other.items()}}


def take_over(
    connection: Connection[Any],
    projection: Projection,
    name: str,
    delivery: Delivery,
    partitions: Sequence[int],
    most_scopes: int,
) -> Followed:
    """Fence everyone else off some partitions. Raises VersionsDiffer, SourcesDiffer."""
    with connection.transaction():
        _lay_out(connection, projection, name, delivery)
        found = connection.execute(TAKE_OVER, (f"{gethostname()}:{getpid()}", name, list(partitions))).fetchall()
    stored = {n: Place(position, offset) for n, position, offset, _ in found}
    return Followed(name, projection, Scopes(projection, most_scopes), stored, {n: epoch for n, _, _, epoch in found})


def _lay_out(connection: Connection[Any], projection: Projection, name: str, delivery: Delivery) -> None:
    """Make the stored partitions those of the delivery: only where all have come equally far can that be told."""
    rows = connection.execute(ROWS, (name,)).fetchall()
    if not rows:
        raise LookupError(name)
    version = rows[0][2]
    if version != projection.version:
        raise VersionsDiffer(
            f"expected rows of version {projection.version} of {projection.name!r}, but they are of {version}: "
            f"run `ashiato rebuild {projection.name}`"
        )
    if len(rows) == delivery.partitions and all(source == delivery.name for _, source, *_ in rows):
        return
    positions = {position for *_, position, _ in rows}
    if len(positions) > 1:
        raise SourcesDiffer(
            f"expected all partitions of {projection.name!r} to have come equally far before they are those of "
            f"{delivery.name!r}, but they are at {min(positions)} to {max(positions)}: let the projectors of "
            f"{rows[0][1]!r} catch up first, or run `ashiato rebuild {projection.name}`"
        )
    epoch = max(epoch for *_, epoch in rows)
    connection.execute("DELETE FROM projections WHERE name = %s", (name,))
    values = (name, delivery.name, version, positions.pop(), epoch, delivery.partitions)
    connection.execute(LAY_OUT, values)
