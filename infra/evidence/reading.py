"""Checkpoints and proofs of one tenant: a few hundred hashes are read for one, however long the log is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.evidence.proofs import Span, consistency, inclusion
from domain.evidence.tree import complete, root_of, stored
from infra.evidence.known import KEYS, Key
from infra.tenancy import as_tenant, entered, entering

R = TypeVar("R")

# An instant or a size, as far as it is given: the newest checkpoint from before.
AS_OF = entered("""
    SELECT to_json(c) FROM (
        SELECT size, encode(root, 'hex') AS root, signed_at, note FROM checkpoints WHERE tenant_id = %(tenant)s
          AND (%(size)s::bigint IS NULL OR size = %(size)s::bigint)
          AND (%(seq)s::bigint IS NULL OR size <= %(seq)s::bigint)
          AND (%(at)s::timestamptz IS NULL OR signed_at <= %(at)s::timestamptz)
        ORDER BY size DESC, signed_at DESC LIMIT 1) c
""")
PAGE = entered("""
    SELECT coalesce(json_agg(c), '[]') FROM (
        SELECT size, encode(root, 'hex') AS root, signed_at, note FROM checkpoints WHERE tenant_id = %(tenant)s
          AND (%(seq)s::bigint IS NULL OR size <= %(seq)s::bigint)
          AND (%(at)s::timestamptz IS NULL OR signed_at <= %(at)s::timestamptz)
          AND (%(size)s::bigint IS NULL OR (size, signed_at) < (%(size)s::bigint, %(before)s::timestamptz))
        ORDER BY size DESC, signed_at DESC LIMIT %(limit)s) c
""")
# Each target with the newest checkpoint that it has, and what no target has.
ANCHORS = entered("""
    SELECT json_build_object(
        'anchors', coalesce((SELECT json_agg(a ORDER BY kind, target) FROM (
            SELECT DISTINCT ON (kind, target) kind, target, size, anchored_at FROM anchors
            WHERE tenant_id = %(tenant)s ORDER BY kind, target, size DESC) a), '[]'),
        'unanchored_since', (SELECT min(signed_at) FROM checkpoints WHERE tenant_id = %(tenant)s AND size > coalesce((
            SELECT max(size) FROM anchors WHERE tenant_id = %(tenant)s), 0)),
        'unanchored_events', coalesce((SELECT tenant_seq FROM events
            WHERE tenant_id = %(tenant)s ORDER BY tenant_seq DESC LIMIT 1), 0) - coalesce((
            SELECT max(size) FROM anchors WHERE tenant_id = %(tenant)s), 0),
        'alarms', coalesce((SELECT json_agg(a ORDER BY raised_at, alarm_id) FROM (
            SELECT a.alarm_id, a.kind, a.raised_at, a.seq, a.what, c.closed_at, c.closed_by, c.reason
            FROM alarms a LEFT JOIN alarm_closings c ON c.tenant_id = a.tenant_id AND c.alarm_id = a.alarm_id
            WHERE a.tenant_id = %(tenant)s) a), '[]'))
""")
STAMP = entered("""
    SELECT to_json(a) FROM (
        SELECT size, target, anchored_at, encode(receipt, 'base64') AS receipt FROM anchors
        WHERE tenant_id = %(tenant)s AND kind = 'timestamp' AND (%(size)s::bigint IS NULL OR size >= %(size)s::bigint)
        ORDER BY CASE WHEN %(size)s::bigint IS NULL THEN -size ELSE size END LIMIT 1) a
""")
# Each range is looked up by itself: joined, all nodes of the company would be read.
HASHES = """
    SELECT h.level, h.n, h.hash
    FROM unnest(%(level)s::int[], %(first)s::bigint[], %(after)s::bigint[]) r (level, first, after)
    CROSS JOIN LATERAL (
        SELECT 0 AS level, tenant_seq - 1 AS n, leaf_hash AS hash FROM events
        WHERE r.level = 0 AND tenant_id = %(tenant)s AND tenant_seq > r.first AND tenant_seq <= r.after
        UNION ALL
        SELECT level, n, hash FROM merkle_nodes
        WHERE tenant_id = %(tenant)s AND level = r.level AND n >= r.first AND n < r.after
        OFFSET 0) h
"""


class HashesMissing(Exception):
    """The log or its tree has a gap where a proof needs hashes."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it is kept: `root` in hexadecimal, `note` as it is published."""

    size: int
    root: str
    signed_at: datetime
    note: str

    @property
    def after(self) -> tuple[int, datetime]:
        """Where the next page begins."""
        return self.size, self.signed_at


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """The newest checkpoint that a target outside has: of `folder`, `webhook` or `timestamp`."""

    kind: str
    target: str
    size: int
    anchored_at: datetime


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """Something wrong with the company's evidence, at a sequence or size; the last three are null while it is open."""

    alarm_id: str
    kind: str
    raised_at: datetime
    seq: int
    what: str
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where checkpoints are anchored, and what could still be rewritten by who holds the key.

    `unanchored_events` are those that no anchor vouches for; their first checkpoint was signed at `unanchored_since`.
    """

    anchors: list[AnchorRow]
    unanchored_since: datetime | None
    unanchored_events: int
    alarms: list[AlarmRow]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A timestamp authority's response (RFC 3161, DER in Base64) for the note of the checkpoint of that size."""

    size: int
    target: str
    anchored_at: datetime
    receipt: str


class Evidence:
    """Answers about one tenant's tree at a time, with connections of the reader's role."""

    def __init__(self, connections: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
        self._connections = connections

    async def keys(self) -> list[Key]:
        """All keys that ever signed, the one that does now as the last."""
        async with self._connections.connection() as connection:
            cursor = connection.cursor(binary=True)
            return [Key(*row) async for row in await cursor.execute(KEYS)]

    async def checkpoint(
        self, tenant: str, size: int | None = None, as_of: int | datetime | None = None
    ) -> Signed | None:
        """The newest checkpoint, or the one of a size; as of then, the newest of then."""
        given = entering(tenant, size=size, **_then(as_of))
        return await self._one(AS_OF, given, Signed)

    async def checkpoints(
        self,
        tenant: str,
        limit: int,
        after: tuple[int, datetime] | None = None,
        as_of: int | datetime | None = None,
    ) -> list[Signed]:
        """A page of them, newest first."""
        size, before = after or (None, None)
        given = entering(tenant, size=size, before=before, limit=limit, **_then(as_of))
        return await self._one(PAGE, given, list[Signed]) or []

    async def standing(self, tenant: str) -> Standing:
        """Anchors and alarms."""
        found = await self._one(ANCHORS, entering(tenant), Standing)
        return found or Standing([], None, 0, [])

    async def stamp(self, tenant: str, size: int | None) -> Stamp | None:
        """The newest timestamp; of a size, the first that vouches for it."""
        return await self._one(STAMP, entering(tenant, size=size), Stamp)

    async def inclusion(self, tenant: str, seq: int, size: int) -> tuple[bytes, list[bytes], bytes]:
        """An event's leaf hash, the proof that it is in the tree of a size, and the root. Raises HashesMissing."""
        [leaf, *path, root] = await self._roots(tenant, [(seq - 1, seq), *inclusion(seq - 1, size), (0, size)])
        return leaf, path, root

    async def consistency(self, tenant: str, old: int, new: int) -> tuple[list[bytes], bytes, bytes]:
        """The proof that a size's tree goes on from an older one's, and their roots. Raises HashesMissing."""
        [*path, before, after] = await self._roots(tenant, [*consistency(old, new), (0, old), (0, new)])
        return path, before, after

    async def root(self, tenant: str, size: int) -> bytes:
        """The root of the tree of a size, as the log has it. Raises HashesMissing."""
        [root] = await self._roots(tenant, [(0, size)])
        return root

    async def _roots(self, tenant: str, spans: Sequence[Span]) -> list[bytes]:
        """The roots above spans of leaves, all of them in one round trip."""
        rows = sorted(set(rows_of(spans)))
        level, first, after = ([row[n] for row in rows] for n in range(3))
        given = {"tenant": tenant, "level": level, "first": first, "after": after}
        async with self._connections.connection() as connection, as_tenant(connection, tenant):
            cursor = connection.cursor(binary=True)
            await cursor.execute(HASHES, given, prepare=True)
            found = {(level, n): hash_ for level, n, hash_ in await cursor.fetchall()}
        try:
            return [root_of(begin, end, lambda level, n: found[level, n]) for begin, end in spans]
        except KeyError as missing:
            raise HashesMissing(f"expected the hash of node {missing}, but there is none") from None

    async def _one(self, question: str, given: Mapping[str, Any], kind: type[R]) -> R | None:
        async with self._connections.connection() as connection:
            row = await (await connection.execute(question.encode(), given, prepare=True)).fetchone()
        return msgspec.convert(row[0], kind, strict=False) if row and row[0] else None


def _then(as_of: int | datetime | None) -> Mapping[str, Any]:
    return {"seq": as_of if isinstance(as_of, int) else None, "at": as_of if isinstance(as_of, datetime) else None}


def rows_of(spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """The ranges of stored hashes that the roots of spans are computed from."""
    for begin, end in spans:
        for level, n in complete(begin, end):
            yield stored(level, n)
