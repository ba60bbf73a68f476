"""A round of checkpoints: the log from where the last round ended, many tenants' events in one transaction.

Whoever holds the row of `checkpointing` is the only one at it; everything a round goes on from is in the database, so
it does not matter whose turn it is. Only the events' hashes are read here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import Connection

from domain.evidence.notes import Checkpoint, Verifier, signed
from domain.evidence.tree import Node, Tree
from infra.evidence.keys import Signer
from infra.evidence.known import origin_of

AT_ONCE = 20_000
"""Events of one transaction."""
HASH = 32

TURN = "SELECT position, at > now() - make_interval(secs => %s) FROM checkpointing FOR UPDATE SKIP LOCKED"
# A company's events as one value: a writer beside us waits while rows are taken apart.
EVENTS = """
    SELECT tenant_id::text, max(position), min(tenant_seq), max(tenant_seq), count(*),
           bool_and(octet_length(leaf_hash) = 32), string_agg(leaf_hash, ''::bytea ORDER BY tenant_seq)
    FROM (SELECT position, tenant_id, tenant_seq, leaf_hash FROM events
          WHERE position > %s ORDER BY position LIMIT %s) e
    GROUP BY tenant_id
"""
LAST = """
    SELECT t.tenant::text, c.size, c.root, c.peaks
    FROM unnest(%s::uuid[]) t (tenant) CROSS JOIN LATERAL (
        SELECT size, root, peaks FROM checkpoints
        WHERE tenant_id = t.tenant ORDER BY size DESC, signed_at DESC LIMIT 1) c
"""
OF_ONE = """
    SELECT tenant_seq, leaf_hash FROM events
    WHERE tenant_id = %s AND tenant_seq > %s AND position <= %s ORDER BY tenant_seq
"""
KEEP_NODES = """
    INSERT INTO merkle_nodes (tenant_id, level, n, hash)
    SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[], %b::bytea[])
"""
KEEP_CHECKPOINTS = """
    INSERT INTO checkpoints (tenant_id, size, signed_at, root, peaks, leaves, note)
    SELECT tenant, size, now(), root, peaks, leaves, note
    FROM unnest(%s::uuid[], %s::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %s::text[])
      AS c (tenant, size, root, peaks, leaves, note)
"""
MOVE = "UPDATE checkpointing SET position = %s, at = CASE WHEN %s THEN now() ELSE at END"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A tenant whose log does not go on from its last checkpoint, so that nothing is signed."""

    tenant: str
    size: int
    what: str


@dataclass(frozen=True, slots=True)
class Round:
    """What one transaction did; `more` says that there may be events beyond it."""

    events: int = 0
    checkpoints: int = 0
    more: bool = False
    misfits: tuple[Misfit, ...] = ()


class Block(NamedTuple):
    """What was appended to a tenant's log: sequences from `first` to `last`, if none is missing, and their hashes."""

    tenant: str
    position: int
    first: int
    last: int
    events: int
    fit: bool
    hashes: bytes

    def goes_on_from(self, size: int) -> bool:
        """Whether it is all that follows, each with its hash."""
        return self.first == size + 1 and self.last - size == self.events and self.fit


@dataclass(frozen=True, slots=True)
class Grown:
    """A tenant's tree as it grew in a round: by which leaves, and which nodes are to be kept."""

    tree: Tree
    leaves: bytes
    nodes: Sequence[Node]


def sign_round(connection: Connection[Any], name: str, signers: Sequence[Signer], every: float = 0.0) -> Round | None:
    """Put what was appended since into the trees and sign a checkpoint for each tenant that it is of.

    `name` is the log's, `every` the seconds since the last round before which there is nothing to do. None when it is
    not our turn: somebody else is at it, or was just now. The connection is the signer's.
    """
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        turn = cursor.execute(TURN, (every,)).fetchone()
        if turn is None or turn[1]:
            return None
        blocks = [Block(*row) for row in cursor.execute(EVENTS, (turn[0], AT_ONCE))]
        events = sum(block.events for block in blocks)
        more = events == AT_ONCE
        through = max((block.position for block in blocks), default=turn[0])
        grown, misfits = _grown(connection, blocks, through)
        _keep(connection, name, signers, grown)
        cursor.execute(MOVE, (through, not more))
        return Round(events, len(grown), more, tuple(misfits))


def _grown(
    connection: Connection[Any], blocks: Sequence[Block], through: int
) -> tuple[Mapping[str, Grown], list[Misfit]]:
    trees = {block.tenant: Tree() for block in blocks} | dict(_last(connection, [block.tenant for block in blocks]))
    grown, misfits = {}, []
    for block in blocks:
        tree, leaves = trees[block.tenant], block.hashes
        if not block.goes_on_from(tree.size):
            # It was left behind as a misfit, and may have been mended since.
            after = min(tree.size, block.first - 1)
            events = connection.execute(OF_ONE, (block.tenant, after, through), binary=True).fetchall()
            if what := _misfit(tree, events):
                misfits.append(Misfit(block.tenant, tree.size, what))
                continue
            leaves = b"".join(leaf for _, leaf in events)
        nodes = tree.extend([leaves[at : at + HASH] for at in range(0, len(leaves), HASH)])
        grown[block.tenant] = Grown(tree, leaves, nodes)
    return grown, misfits


def _last(connection: Connection[Any], tenants: Sequence[str]) -> Iterator[tuple[str, Tree]]:
    for tenant, size, root, peaks in connection.execute(LAST, (tenants,), binary=True):
        tree = Tree(size, [peaks[at : at + HASH] for at in range(0, len(peaks), HASH)])
        # What was signed is gone on from, and nothing else.
        yield tenant, tree if tree.root() == root else Tree(-1)


def _misfit(tree: Tree, events: Sequence[tuple[int, bytes]]) -> str | None:
    if tree.size < 0:
        return "the peaks kept with the last checkpoint do not make its root"
    if events[0][0] <= tree.size:
        return f"sequence {events[0][0]} was appended again, behind the last checkpoint"
    for expected, (seq, leaf) in enumerate(events, start=tree.size + 1):
        if seq != expected:
            return f"sequence {expected} is missing"
        if len(leaf) != HASH:
            return f"sequence {seq} has no hash"
    return None


def _keep(connection: Connection[Any], name: str, signers: Sequence[Signer], grown: Mapping[str, Grown]) -> None:
    nodes = [(tenant, node) for tenant, one in grown.items() for node in one.nodes]
    if nodes:
        columns = ([t for t, _ in nodes], *([getattr(n, of) for _, n in nodes] for of in ("level", "n", "hash")))
        connection.execute(KEEP_NODES, columns)
    if grown:
        trees = [one.tree for one in grown.values()]
        notes = [note_of(name, tenant, one.tree.size, one.tree.root(), signers) for tenant, one in grown.items()]
        peaks = [b"".join(tree.peaks) for tree in trees]
        leaves = [one.leaves for one in grown.values()]
        rows = ([*grown], [tree.size for tree in trees], [tree.root() for tree in trees], peaks, leaves, notes)
        connection.execute(KEEP_CHECKPOINTS, rows)


def note_of(name: str, tenant: str, size: int, root: bytes, signers: Sequence[Signer]) -> str:
    """A signed checkpoint."""
    text = Checkpoint(origin_of(name, tenant), size, root).text
    return signed(text, ((Verifier(origin_of(name, tenant), by.public), by.sign(text)) for by in signers))


