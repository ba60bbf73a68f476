"""A round of checkpoints: the log from where the last round ended, many tenants' events in one transaction.

Whoever holds the row of `checkpointing` is the only one at it; everything a round goes on from is in the database, so
it does not matter whose turn it is. Only the events' hashes are read here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from domain.evidence.notes import Checkpoint, Verifier, signed
from domain.evidence.tree import Node, Tree
from infra.evidence.keys import Signer
from infra.evidence.known import origin_of

AT_ONCE = 20_000
"""Events of one transaction."""
HASH = 32

TURN = "SELECT position, at > now() - make_interval(secs => %s) FROM checkpointing FOR UPDATE SKIP LOCKED"
EVENTS = """
    SELECT position, tenant_id::text, tenant_seq, leaf_hash FROM events WHERE position > %s ORDER BY position LIMIT %s
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
    SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[], %s::bytea[])
"""
KEEP_CHECKPOINTS = """
    INSERT INTO checkpoints (tenant_id, size, signed_at, root, peaks, leaves, note)
    SELECT tenant, size, now(), root, peaks, leaves, note
    FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::text[])
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


@dataclass(slots=True)
class Grown:
    """A tenant's tree as it grew in a round."""

    tree: Tree
    leaves: list[bytes] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)


def sign_round(connection: Connection[Any], name: str, signers: Sequence[Signer], every: float = 0.0) -> Round | None:
    """Put what was appended since into the trees and sign a checkpoint for each tenant that it is of.

    `name` is the log's, `every` the seconds since the last round before which there is nothing to do. None when it is
    not our turn: somebody else is at it, or was just now. The connection is the signer's.
    """
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        turn = cursor.execute(TURN, (every,)).fetchone()
        if turn is None or turn[1]:
            return None
        found = cursor.execute(EVENTS, (turn[0], AT_ONCE)).fetchall()
        more = len(found) == AT_ONCE
        through = found[-1][0] if found else turn[0]
        grown, misfits = _grown(connection, _by_tenant(found), through)
        _keep(connection, name, signers, grown)
        cursor.execute(MOVE, (through, not more))
        return Round(len(found), len(grown), more, tuple(misfits))


def _by_tenant(found: Sequence[tuple[Any, ...]]) -> Mapping[str, list[tuple[int, bytes]]]:
    by: dict[str, list[tuple[int, bytes]]] = {}
    for _, tenant, seq, leaf in found:
        by.setdefault(tenant, []).append((seq, leaf))
    return by


def _grown(
    connection: Connection[Any], by: Mapping[str, Sequence[tuple[int, bytes]]], through: int
) -> tuple[Mapping[str, Grown], list[Misfit]]:
    trees = {tenant: Tree() for tenant in by} | dict(_last(connection, [*by]))
    grown, misfits = {}, []
    for tenant, events in by.items():
        tree = trees[tenant]
        if events[0][0] > tree.size + 1:
            # It was left behind as a misfit, and may have been mended since.
            events = connection.execute(OF_ONE, (tenant, tree.size, through)).fetchall()  # noqa: PLW2901
        if what := _misfit(tree, events):
            misfits.append(Misfit(tenant, tree.size, what))
            continue
        grown[tenant] = Grown(tree)
        for _, leaf in events:
            grown[tenant].leaves.append(leaf)
            grown[tenant].nodes += tree.add(leaf)
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
        leaves = [b"".join(one.leaves) for one in grown.values()]
        rows = ([*grown], [tree.size for tree in trees], [tree.root() for tree in trees], peaks, leaves, notes)
        connection.execute(KEEP_CHECKPOINTS, rows)


def note_of(name: str, tenant: str, size: int, root: bytes, signers: Sequence[Signer]) -> str:
    """A signed checkpoint."""
    text = Checkpoint(origin_of(name, tenant), size, root).text
    return signed(text, ((Verifier(origin_of(name, tenant), by.public), by.sign(text)) for by in signers))


