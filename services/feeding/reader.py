"""One who listens: what waits for them, what they may see of it, and what ends it."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol

import msgspec
from fastapi.sse import format_sse_event

from domain.refusals import Refusal
from services.api.problems import answer_to
from services.api.refusals import FeedTooSlow, Unavailable
from services.feeding.changes import Batch, Sight
from services.feeding.limits import AWAY, Limits

Check = Callable[[], Awaitable[Sight]]
"""Whether the credential still opens the feed, and what it sees now. Raises a Refusal when it does not."""
Note = Callable[[int, int], Awaitable[None]]
"""Puts on record that events after a sequence, through another, are about to be read."""

RETRY_MS = 2_000
"""After a cut a browser waits so long before it goes on."""
OPENING = format_sse_event(comment="ashiato", retry=RETRY_MS)
EMPTY = Batch((), ())
PAUSE = 0.2


class Shared(Protocol):
    """What readers of a process share: services.feeding.feeds.Feeds."""

    limits: Limits
    dropped: Counter[str]

    async def past(self, tenant: str, after: int) -> Batch:
        """The first events of a company after a sequence, `stretch` of them at most."""

    async def seen(self, tenant: str, batch: Batch) -> Batch:
        """The same batch, with who sees what is in it."""

    def leave(self, reader: "Reader") -> None:
        """A feed has ended."""


class Reader:
    """Made by Feeds; `pieces` is what is sent. Everything after `seq` is still to come."""

    def __init__(self, feeds: Shared, tenant: str, credential: str, check: Check, note: Note) -> None:
        self.tenant = tenant
        self.credential = credential
        self.seq = 0
        self._feeds = feeds
        self._limits = feeds.limits
        self._check = check
        self._note = note
        self._queue: deque[Batch] = deque()
        self._waiting = 0
        self._behind = True
        self._came = asyncio.Event()
        self._sight: Sight | None = None
        self._ended: Refusal | None = None
        self._hang_up: Callable[[], None] | None = None
        self._sending: float | None = None
        self._began = self._said = monotonic()
        self._checked = float("-inf")
        self._away: float | None = None
        self._counted = False

    @property
    def sees_some(self) -> bool:
        """True when not every run and procedure is theirs to see."""
        return self._sight is not None and self._sight.viewer is not None

    @property
    def waiting(self) -> int:
        """How many events wait for it."""
        return self._waiting

    @property
    def is_slow(self) -> bool:
        """True while its connection takes nothing for longer than a quick one would need."""
        return self._has_been_sending(self._limits.slow)

    def begin(self, after: int) -> None:
        """Everything after a sequence is to come."""
        self.seq = after

    def connected(self, hang_up: Callable[[], None] | None) -> None:
        """How to cut the connection of one that takes nothing, not even that it is dropped."""
        self._hang_up = hang_up

    def left(self) -> None:
        """The connection is gone."""
        self._feeds.leave(self)

    def offer(self, batch: Batch) -> None:
        """Something new. What no longer fits is left to be read as the past, or is too much for a slow one."""
        if self._behind:
            return
        if self._waiting + len(batch.changes) > self._limits.waiting:
            if self.is_slow:
                self.end(FeedTooSlow("expected the reader to take what comes, but it is too far behind"))
            self._fall_behind()
        else:
            self._queue.append(batch)
            self._waiting += len(batch.changes)
        self._came.set()

    def end(self, why: Refusal) -> None:
        """Send nothing more but why."""
        self._ended = self._ended or why
        self._came.set()

    def hang_up_when_stuck(self, seconds: float | None = None) -> None:
        """Cut the connection when nothing was taken for very long, or for so many seconds."""
        if self._has_been_sending(self._limits.stuck if seconds is None else seconds):
            self.end(FeedTooSlow("expected the reader to take what comes, but it takes nothing"))
            self._count(FeedTooSlow.code)
            self._sending = None
            if self._hang_up is not None:
                self._hang_up()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body of the answer, until the time is over, the reader leaves, or something ends it."""
        try:
            yield OPENING
            while True:
                piece = await self._piece()
                if piece:
                    self._said = self._sending = monotonic()
                    yield piece
                    self._sending = None
                if self._is_over():
                    return
                await self._wait(bool(piece))
        except Exception as error:  # noqa: BLE001 – whatever it is, the reader is told a code, and the log the rest
            told, self._sending = self._dropped(error), monotonic()
            yield told
        finally:
            self._feeds.leave(self)

    async def _piece(self) -> bytes:
        """What is to be sent now; nothing, or a heartbeat, while there is none. Raises what ends the feed."""
        try:
            async with asyncio.timeout(self._limits.answer):
                await self._look_at_credential()
                piece = await self._news()
            self._away = None
        except AWAY as error:
            self._fall_behind()
            self._away = self._away or monotonic()
            if monotonic() - self._away > self._limits.patience:
                raise Unavailable("expected to reach the log, but it did not answer in time") from error
            piece = b""
        if self._ended is not None:
            raise self._ended
        if not piece and monotonic() - self._said >= self._limits.heartbeat:
            return format_sse_event(comment="still here", id=str(self.seq))
        return piece

    async def _look_at_credential(self) -> None:
        if monotonic() - self._checked >= self._limits.check:
            self._sight = await self._check()
            self._checked = monotonic()

    async def _news(self) -> bytes:
        batch = await self._next()
        sight = self._sight
        if not batch.changes or sight is None:
            return b""
        if sight.viewer is not None and batch.seen is None:
            batch = await self._feeds.seen(self.tenant, batch)
        shown, last = sight.shown(batch), batch.changes[-1].seq
        if shown and sight.logged:
            await self._note(self.seq, last)
        self.seq = last
        return b"".join(shown)

    async def _next(self) -> Batch:
        """The events that follow: of those that wait, or of the past."""
        while self._queue and not self._behind:
            batch = self._queue[0].beyond(self.seq)
            if batch.changes and batch.changes[0].seq > self.seq + 1:
                self._fall_behind()
                break
            first = self._queue.popleft()
            self._waiting -= len(first.changes)
            if batch.changes:
                return batch
        return await self._past() if self._behind else EMPTY

    async def _past(self) -> Batch:
        """From before it is read, new events wait again: what they have in common with it is sent once."""
        self._behind = False
        try:
            batch = await self._feeds.past(self.tenant, self.seq)
        except BaseException:
            self._fall_behind()
            raise
        if len(batch.changes) == self._limits.stretch:
            self._fall_behind()
        return batch

    def _fall_behind(self) -> None:
        self._behind, self._waiting = True, 0
        self._queue.clear()

    async def _wait(self, sent: bool) -> None:
        if sent and self._sight is not None and self._sight.logged:
            await asyncio.sleep(self._limits.gather)
        if self._away is not None:
            await asyncio.sleep(PAUSE)
        if self._queue or self._behind or self._ended is not None:
            return
        self._came.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._limits.check, self._limits.heartbeat)):
                await self._came.wait()

    def _is_over(self) -> bool:
        """All that was there is sent before the time is over."""
        return not self._behind and not self._queue and monotonic() - self._began >= self._limits.lasts

    def _has_been_sending(self, seconds: float) -> bool:
        return self._sending is not None and monotonic() - self._sending > seconds

    def _count(self, code: str) -> None:
        """One end is one, though it may be both told and enforced."""
        if not self._counted:
            self._counted = True
            self._feeds.dropped[code] += 1

    def _dropped(self, error: Exception) -> bytes:
        told = answer_to(error, "read_feed")
        self._count(msgspec.json.decode(told.body)["type"].rpartition("/")[2])
        return format_sse_event(event="dropped", data_str=told.body.decode())
