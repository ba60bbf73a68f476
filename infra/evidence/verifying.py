"""Is the log what was signed? All of it is hashed anew, by several processes, and compared with every checkpoint.

A chain that is consistent in itself proves nothing against who holds the key: checkpoints that were kept outside are
compared too, when they are given.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from psycopg import Connection

from domain.evidence.tree import Tree, joined
from infra.evidence.known import Key
from infra.evidence.outside import Held
from infra.evidence.rehashing import LEVEL, MOST_FAULTS, PIECE, Fault, Mark, Piece, Rehashed, rehash
from infra.read_store.live import connect

Progress = Callable[[int, int], None]

# One step through each index for each tenant, however many events it has.
TENANTS = """
    WITH RECURSIVE logs AS (
        (SELECT tenant_id FROM events ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.tenant_id FROM events e WHERE e.tenant_id > l.tenant_id ORDER BY e.tenant_id LIMIT 1)
        FROM logs l WHERE l.tenant_id IS NOT NULL
    ), signed AS (
        (SELECT tenant_id FROM checkpoints ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT c.tenant_id FROM checkpoints c WHERE c.tenant_id > s.tenant_id ORDER BY c.tenant_id LIMIT 1)
        FROM signed s WHERE s.tenant_id IS NOT NULL
    ), every AS (
        SELECT tenant_id FROM logs UNION SELECT tenant_id FROM signed)
    SELECT t.tenant_id::text,
           coalesce((SELECT tenant_seq FROM events e WHERE e.tenant_id = t.tenant_id
                     ORDER BY tenant_seq DESC LIMIT 1), 0),
           coalesce((SELECT size FROM checkpoints c WHERE c.tenant_id = t.tenant_id ORDER BY size DESC LIMIT 1), 0),
           EXISTS (SELECT FROM events e WHERE e.tenant_id = t.tenant_id AND e.tenant_seq < 1)
    FROM every t WHERE t.tenant_id IS NOT NULL ORDER BY 1
"""


@dataclass(slots=True)
class Verified:
    """What was found: `unsigned` counts events since the last checkpoints, `faults` are the first of `count`."""

    tenants: int = 0
    events: int = 0
    checkpoints: int = 0
    unsigned: int = 0
    outside: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def note(self, faults: Iterable[Fault], count: int | None = None) -> None:
        """Some more; of each tenant the first few are kept."""
        found = list(faults)
        self.count += len(found) if count is None else count
        self.faults += found


@dataclass(slots=True)
class Growing:
    """A tenant's tree as its pieces come in, and what is to be found in it."""

    tenant: str
    last: int
    held: Sequence[Held]
    tree: Tree = field(default_factory=Tree)
    differs: bool = False


def verify_log(
    dsn: str,
    known: Sequence[Key],
    *,
    tenant: str | None = None,
    held: Sequence[Held] = (),
    workers: int = 2,
    progress: Progress | None = None,
) -> Verified:
    """Hash the log of all tenants, or of one, anew; memory is that of a few pieces, whatever the log's length.

    `known` are the keys whose signatures count.
    """
    found = Verified()
    with connect(dsn) as connection:
        tenants = [row for row in connection.execute(TENANTS) if tenant in (None, row[0])]
    kept: dict[str, list[Held]] = {}
    for one in held:
        kept.setdefault(one.tenant, []).append(one)
    tenants += [(of, 0, 0, False) for of in sorted(set(kept) - {row[0] for row in tenants}) if tenant in (None, of)]
    total = sum(last for _, last, *_ in tenants)
    found.note(Fault(of, 0, "it is an event before the first") for of, *_, before in tenants if before)
    with _workers(dsn, known, workers) as hashed:
        growing: Growing | None = None
        for done, last, signed in hashed(_pieces(tenants, kept)):
            if growing is None or growing.tenant != done.piece.tenant:
                growing = Growing(done.piece.tenant, last, kept.get(done.piece.tenant, ()))
                found.tenants, found.unsigned = found.tenants + 1, found.unsigned + max(0, last - signed)
                _of_the_whole(growing, signed, found)
            _grow(growing, done, found)
            if progress:
                progress(found.events, total)
    return found


Asked = tuple[Piece, int, int]
"""A piece, the tenant's last sequence, and the size of its last checkpoint."""


def _pieces(tenants: Sequence[tuple[str, int, int, bool]], kept: Mapping[str, Sequence[Held]]) -> Iterator[Asked]:
    for tenant, last, signed, _ in tenants:
        sizes = sorted({one.size for one in kept.get(tenant, ())})
        for first in range(0, max(last, 1), PIECE):
            after = min(first + PIECE, last)
            within = tuple(size for size in sizes if first < size <= after)
            yield Piece(tenant, first, after, within), last, signed


def _of_the_whole(growing: Growing, signed: int, found: Verified) -> None:
    """What a log that is too short is short of."""
    if growing.last < signed:
        what = f"it is missing, and all after it up to {signed}: a checkpoint of that size was signed"
        found.note([Fault(growing.tenant, growing.last + 1, what)])
    for one in growing.held:
        found.outside += 1
        if one.size > growing.last:
            what = f"it is missing, and all after it up to {one.size}: {one.where} holds a checkpoint of that size"
            found.note([Fault(growing.tenant, growing.last + 1, what)])


def _grow(growing: Growing, done: Rehashed, found: Verified) -> None:
    found.events += done.events
    found.note(done.faults, done.count)
    growing.differs = growing.differs or not done.is_whole
    for mark in done.marks:
        found.checkpoints += mark.signed is not None
        if not growing.differs:
            _compare(growing, mark, found)
    if done.events == PIECE:
        growing.tree.add(done.peaks[0], LEVEL)


def _compare(growing: Growing, mark: Mark, found: Verified) -> None:
    """A root with those that were signed; after the first that differs all do."""
    root = joined([*growing.tree.peaks, *mark.peaks])
    others = [one.where for one in growing.held if one.size == mark.size and one.root != root]
    if mark.signed not in (None, root):
        others.append("the checkpoint of this size")
    for other in others:
        found.note([Fault(growing.tenant, mark.size, f"the events stored up to it are not those of {other}")])
    growing.differs = bool(others)


@contextmanager
def _workers(
    dsn: str, known: Sequence[Key], workers: int
) -> Iterator[Callable[[Iterator[Asked]], Iterator[tuple[Rehashed, int, int]]]]:
    """What hashes pieces and tells them in their order."""
    if workers < 2:
        with connect(dsn) as connection:
            yield lambda asked: ((rehash(connection, piece, known), last, signed) for piece, last, signed in asked)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (dsn, known)) as pool:
        yield lambda asked: _in_order(pool, asked, 2 * workers)


def _in_order(
    pool: ProcessPoolExecutor, asked: Iterator[Asked], ahead: int
) -> Iterator[tuple[Rehashed, int, int]]:
    waiting: deque[tuple[Future[Rehashed], int, int]] = deque()
    for piece, last, signed in asked:
        waiting.append((pool.submit(_work, piece), last, signed))
        if len(waiting) >= ahead:
            future, *rest = waiting.popleft()
            yield future.result(), rest[0], rest[1]
    for future, last, signed in waiting:
        yield future.result(), last, signed


_at_work: list[tuple[Connection[Any], Sequence[Key]]] = []
"""A helping process's own connection."""


def _begin(dsn: str, known: Sequence[Key]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks is interrupted, and ends us
    _at_work.append((connect(dsn), known))


def _work(piece: Piece) -> Rehashed:
    connection, known = _at_work[0]
    return rehash(connection, piece, known)


def first_faults(found: Verified) -> Mapping[str, Sequence[Fault]]:
    """The first faults of each tenant, by sequence."""
    by: dict[str, list[Fault]] = {}
    for fault in sorted(found.faults, key=lambda one: (one.tenant, one.seq)):
        if len(by.setdefault(fault.tenant, [])) < MOST_FAULTS:
            by[fault.tenant].append(fault)
    return by
