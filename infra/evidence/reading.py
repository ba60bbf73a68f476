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
HASHES = """
    SELECT 0, tenant_seq - 1, leaf_hash
    FROM unnest(%(level)s::int[], %(first)s::bigint[], %(after)s::bigint[]) r (level, first, after)
    JOIN events ON r.level = 0 AND tenant_id = %(tenant)s AND tenant_seq > r.first AND tenant_seq <= r.after
    UNION ALL
    SELECT n.level, n.n, n.hash
    FROM unnest(%(level)s::int[], %(first)s::bigint[], %(after)s::bigint[]) r (level, first, after)
    JOIN merkle_nodes n ON n.tenant_id = %(tenant)s AND n.level = r.level AND n.n >= r.first AND n.n < r.after
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
        rows = sorted(set(_rows(spans)))
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


def _rows(spans: Sequence[Span]) -> Iterator[tuple[int, int, int]]:
    """The ranges of stored hashes that the roots of spans are computed from."""
    for begin, end in spans:
        for level, n in complete(begin, end):
            yield stored(level, n)
