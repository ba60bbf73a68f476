"""Many callers, few round trips: whatever queued while the last group was under way goes into the next one.

There is no timer, so a lone caller never waits for company.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from commands.ports import LogUnavailable

Q = TypeVar("Q")
A = TypeVar("A")

FEW = 8
"""So many go together whoever else waits: a round trip for fewer costs more than it wins."""


class Waiting(Generic[Q, A]):
    """A question, its weight, and the future that its caller awaits."""

    __slots__ = ("answer", "question", "weight")

    def __init__(self, question: Q, weight: int, answer: asyncio.Future[A]) -> None:
        self.question = question
        self.weight = weight
        self.answer = answer


class Grouped(Generic[Q, A]):
    """Carries questions in groups of at most `most`, and of `heaviest` together, the first one always.

    `carry` answers a group, place by place. When it fails with anything but LogUnavailable each question is carried
    alone, so that only the one whose fault it is fails.
    """

    def __init__(self, carry: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], most: int, heaviest: int) -> None:
        self._carry = carry
        self._most = most
        self._heaviest = heaviest
        self._queue: deque[Waiting[Q, A]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.groups = 0
        self.questions = 0

    async def ask(self, question: Q, weight: int = 1) -> A:
        """The answer to one question. Raises what `carry` raised for it, and LogUnavailable once stopped."""
        if self._stopping:
            raise LogUnavailable("expected to reach the log, but this program is stopping")
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(question, weight, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def stop(self) -> None:
        """Answer what is queued, then nothing any more."""
        self._stopping = True
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        """Carry group after group until nobody waits."""
        try:
            while self._queue:
                await self._settle(self._take())
        finally:
            self._task = None
            _fail(self._queue, LogUnavailable("expected to reach the log, but this program is stopping"))

    def _take(self) -> list[Waiting[Q, A]]:
        group: list[Waiting[Q, A]] = []
        weight = 0
        # Half, so that callers of one half think while the other half is under way.
        most = min(self._most, max(FEW, len(self._queue) // 2))
        while self._queue and len(group) < most and weight < self._heaviest:
            group.append(self._queue.popleft())
            weight += group[-1].weight
        return group

    async def _settle(self, group: list[Waiting[Q, A]]) -> None:
        """Give everyone of the group an answer, whatever happens."""
        try:
            answers = await self._carry([waiting.question for waiting in group])
        except asyncio.CancelledError:
            _fail(group, LogUnavailable("expected to reach the log, but this program is stopping"))
            raise
        except LogUnavailable as error:
            _fail(group, error)
            return
        except Exception as error:  # noqa: BLE001 - what can't be carried is its caller's trouble, not ours
            await self._one_by_one(group, error)
            return
        self.groups += 1
        self.questions += len(group)
        for waiting, answer in zip(group, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)

    async def _one_by_one(self, group: list[Waiting[Q, A]], error: Exception) -> None:
        """Find out whose error it is."""
        if len(group) == 1:
            _fail(group, error)
            return
        for waiting in group:
            await self._settle([waiting])


def _fail(group: Iterable[Waiting[Q, A]], error: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
