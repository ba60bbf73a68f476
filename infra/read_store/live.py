"""Keeping read models up to date: rows and position change in one transaction, or not at all.

While one batch is stored by PostgreSQL, the next is read and folded here; the position that counts is the one in the
database, which moves by compare-and-set under the epoch of whoever follows.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from infra.keys.opening import Opening
from infra.read_store import parking
from infra.read_store.apart import Apart
from infra.read_store.copying import Copying
from infra.read_store.folder import Folder, Work
from infra.read_store.folding import uncollected
from infra.read_store.making import BEGIN, PROTECT, connect, create, drop_kept, ensure, store
from infra.read_store.parking import Poison
from infra.read_store.places import Fenced, Followed, SourcesDiffer, VersionsDiffer, further, take_over
from infra.read_store.refused import RowsRefused, is_refusal
from infra.read_store.source import Delivery, Directly, Place, Read, Source, fresh
from projections.engine import Projection

# Others find them here.
__all__ = ["BEGIN", "PROTECT", "Fenced", "Live", "SourcesDiffer", "VersionsDiffer", "connect", "create", "ensure"]

GIVE_UP = "SET idle_in_transaction_session_timeout = '10s'"
"""Who is stopped amid a batch holds the positions locked: the server ends that, so that others take over."""


class Live:
    """Follows some partitions of a delivery with some projections: the newest to open fences the others off.

    `suffix` is put after the names of schemas and positions: a rebuild follows with tables beside the live ones, and
    strictly: there an event that cannot be folded is an error. Elsewhere it parks its stream, which `news` tells of;
    so does one whose rows the database refuses. `dropped` names those whose kept tables were thrown away, because
    somebody was erased.
    """

    def __init__(
        self,
        dsn: str,
        projections: Sequence[Projection],
        *,
        suffix: str = "",
        batch: int = 4_000,
        most_scopes: int = 1_000,
        delivery: Delivery | None = None,
        partitions: Sequence[int] | None = None,
    ) -> None:
        self._dsn = dsn
        self._projections = projections
        self._suffix = suffix
        self._batch = batch
        self._most_scopes = most_scopes
        self._delivery = delivery or Directly()
        self._partitions = range(self._delivery.partitions) if partitions is None else partitions
        self.followed: list[Followed] = []
        self.news: list[tuple[str, Poison]] = []
        self.dropped: list[str] = []
        self._fetched: Future[Mapping[int, Read]] | None = None
        self._storing: Future[None] | None = None
        self._careful = False

    def __enter__(self) -> "Live":
        with ExitStack() as stack:
            self._reading = stack.enter_context(connect(self._dsn))
            self._writing = stack.enter_context(connect(self._dsn))
            self._writing.execute(GIVE_UP)
            # Of its own: batches are opened while others are read and stored.
            opening = Opening(stack.enter_context(connect(self._dsn)))
            strict = bool(self._suffix)
            self._folder = Folder(self._writing, opening, self._delivery, self._finish_storing, strict=strict)
            self._copying = Copying(self._writing, staged=True)
            self._apart = Apart(self._writing, self._copying, self._folder)
            self._source: Source = stack.enter_context(self._delivery.open(self._reading))
            # Closed before the connections: what is under way there ends first.
            self._workers = stack.enter_context(ThreadPoolExecutor(2, thread_name_prefix="projector"))
            if not self._suffix:
                ensure(self._writing, self._projections)
            self.followed = [self._take_over(projection) for projection in self._projections]
            if not self._suffix:
                # This program may fold what the one before could not.
                self.retry()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def position(self) -> int:
        """Every followed projection is stored through here, in every partition followed."""
        return min(place.position for one in self.followed for place in one.stored.values())

    def step(self) -> int:
        """Fold the next batch while the last is stored; how many events were read. 0: all of it is stored.

        After an error nothing of the unfinished batches is stored, and the next step begins again from what is.
        """
        try:
            with uncollected():
                return self._step_carefully() if self._careful else self._step()
        except RowsRefused:
            self._be_careful()
            return self.step()
        except BaseException:
            self._begin_again()
            raise

    def flush(self) -> None:
        """Wait until what was folded is stored."""
        try:
            self._finish_storing()
        except RowsRefused:
            self._be_careful()
        except BaseException:
            self._begin_again()
            raise

    def retry(self, *, asked_only: bool = False) -> int:
        """Try streams that are parked again, all or those an operator asked for; how many wait no more."""
        self.flush()
        try:
            return sum(self._retry(one, asked_only=asked_only) for one in self.followed)
        except BaseException:
            self._begin_again()
            raise

    def _step(self) -> int:
        reads = self._fetched.result() if self._fetched else self._source.read(self._folded, self._batch)
        self._fetched = None
        if not reads:
            self._finish_storing()
            return 0
        before = self._folded
        to = further(before, {n: read.place for n, read in reads.items()})
        self._fetched = self._workers.submit(self._source.read, to, self._batch)
        events = {n: fresh(read.events, before[n].position) for n, read in reads.items()}
        work = self._folder.fold(self.followed, events)
        for one in self.followed:
            one.folded = further(one.folded, to)
        self._finish_storing()
        self._storing = self._workers.submit(self._store, work, to)
        count = sum(len(read.events) for read in reads.values())
        if not count:
            self._finish_storing()
        return count

    def _step_carefully(self) -> int:
        """One batch with nothing else under way; where its rows are refused together, each stream is stored alone."""
        before = self._folded
        reads = self._source.read(before, self._batch)
        if not reads:
            return 0
        to = further(before, {n: read.place for n, read in reads.items()})
        events = {n: fresh(read.events, before[n].position) for n, read in reads.items()}
        with self._writing.transaction():
            for one in self.followed:
                for partition in reads:
                    one.hold(self._writing, partition)
            work = [self._apart(*each, events) for each in self._folder.fold(self.followed, events)]
            for one, _, poisons in work:
                parking.park(self._writing, one.name, poisons)
                one.move(self._writing, to)
            dropped = self._drop_kept(work)
        self._careful = False
        for one in self.followed:
            one.folded = further(one.folded, to)
        self._moved(work, to)
        self.dropped += dropped
        return sum(len(read.events) for read in reads.values())

    @property
    def _folded(self) -> dict[int, Place]:
        """Where the one that is furthest behind is, partition by partition."""
        first, *others = (one.folded for one in self.followed)
        if all(other == first for other in others):
            return first
        return {n: min((one.folded[n] for one in self.followed), key=lambda it: it.position) for n in first}

    def _store(self, work: Work, to: Mapping[int, Place]) -> None:
        try:
            with self._writing.transaction():
                # First: who goes live waits here for us, and we hold none of the tables when we wait for him.
                for one, _, _ in work:
                    one.move(self._writing, to)
                for one, changes, poisons in work:
                    store(self._writing, self._copying, one.name, changes)
                    parking.park(self._writing, one.name, poisons)
                dropped = self._drop_kept(work)
        except Exception as error:
            if self._suffix or not is_refusal(error):
                raise
            raise RowsRefused(f"expected to store what follows {self.position}, but a row was refused") from error
        self._moved(work, to)
        self.dropped += dropped

    def _drop_kept(self, work: Work) -> list[str]:
        return [one.name for one, changes, _ in work if changes.erases and drop_kept(self._writing, one.name)]

    def _moved(self, work: Work, to: Mapping[int, Place]) -> None:
        for one, _, poisons in work:
            one.stored = further(one.stored, to)
            self.news += [(one.name, poison) for poison in poisons]

    def _retry(self, one: Followed, *, asked_only: bool) -> int:
        released = 0
        for stream in parking.waiting(self._writing, one.name):
            partition = self._delivery.partition_of(stream.tenant)
            if partition not in one.stored or (asked_only and not stream.asked):
                continue
            with self._writing.transaction():
                one.hold(self._writing, partition)
                changes, poisons = self._folder.fold_rest(one, stream, self._apart.keep(one.name))
                store(self._writing, self._copying, one.name, changes)
                parking.park(self._writing, one.name, poisons)
                if not poisons:
                    parking.release(self._writing, one.name, stream)
                dropped = self._drop_kept([(one, changes, poisons)])
            self.dropped += dropped
            if not poisons:
                one.parked.pop((stream.tenant, stream.stream), None)
                released += 1
        return released

    def _finish_storing(self) -> None:
        storing, self._storing = self._storing, None
        if storing is not None:
            storing.result()

    def _be_careful(self) -> None:
        self._begin_again()
        self._careful = True

    def _begin_again(self) -> None:
        """Forget what is held in memory; the database says where to go on."""
        for future in (self._fetched, self._storing):
            if future is not None:
                future.exception()
        self._fetched = self._storing = None
        for one in self.followed:
            one.scopes.forget_all()
            one.folded = dict(one.stored)
        self._copying.begin_again()
        if self._writing.closed or self._writing.broken:
            return
        for one in self.followed:
            self._see_parked(one)

    def _see_parked(self, one: Followed) -> None:
        one.parked = {(w.tenant, w.stream): w.position for w in parking.waiting(self._writing, one.name)}

    def _take_over(self, projection: Projection) -> Followed:
        name = projection.name + self._suffix
        one = take_over(self._writing, projection, name, self._delivery, self._partitions, self._most_scopes)
        self._see_parked(one)
        return one
