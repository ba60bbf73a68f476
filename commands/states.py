"""The states of recent streams. The append's version check makes a stale one harmless: it only costs a retry."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from domain.procedures import state as procedures
from domain.refusals import NotFound
from domain.runs import state as runs
from domain.tenants import folding

Kind = Literal["tenant", "procedure", "run"]

MOST_STATES = 3_000
"""States kept by a process: some 20 KB each, and one that is not kept is a read, shared with others' reads."""

FOLDS: Mapping[Kind, Callable[..., Any]] = {
    "tenant": folding.fold,
    "procedure": procedures.fold,
    "run": runs.fold,
}
EMPTY: Mapping[Kind, Any] = {kind: fold(()) for kind, fold in FOLDS.items()}


def check_kind(expected: Kind, found: str) -> None:
    """An id of something else is unknown: folding or writing its stream as another kind would spoil it."""
    if found != expected:
        raise NotFound(f"expected a {expected} of the company, but there is none of that id")


@dataclass(slots=True)
class Known:
    """A stream's state at a version, and when it was last compared with the log (monotonic seconds)."""

    kind: Kind
    version: int
    state: Any
    checked: float = 0.0

    def after(self, events: Sequence[Any], count: int, checked: float) -> "Known":
        """The state after more events. Raises NotFound when the stream turns out to be of another kind."""
        if self.version == 0:
            check_kind(self.kind, next((event.type.partition(".")[0] for event in events), self.kind))
        return Known(self.kind, self.version + count, FOLDS[self.kind](events, self.state), checked)


class Cache:
    """The states of the `most` streams used last, by (tenant, stream)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()

    def get(self, tenant: str, stream: str) -> Known | None:
        """The state, when it is here."""
        known = self._known.get((tenant, stream))
        if known is not None:
            self._known.move_to_end((tenant, stream))
        return known

    def put(self, tenant: str, stream: str, known: Known) -> None:
        """Keep a state, unless a newer one is here."""
        old = self._known.get((tenant, stream))
        if old is not None and old.version > known.version:
            return
        self._known[tenant, stream] = known
        if len(self._known) > self._most:
            self._known.popitem(last=False)


class Turns:
    """One command at a time on a stream within the process, first come first served; a free one costs no wait."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], tuple[asyncio.Lock, list[None]]] = {}

    def on(self, tenant: str, stream: str) -> "Turn":
        """`async with turns.on(tenant, stream)`: alone on that stream."""
        return Turn(self._taken, (tenant, stream))


class Turn:
    """One caller's turn; the lock goes away with the last of them."""

    __slots__ = ("_key", "_taken")

    def __init__(
        self, taken: dict[tuple[str, str], tuple[asyncio.Lock, list[None]]], key: tuple[str, str]
    ) -> None:
        self._taken = taken
        self._key = key

    async def __aenter__(self) -> None:
        slot = self._taken.get(self._key)
        if slot is None:
            slot = self._taken[self._key] = (asyncio.Lock(), [])
        slot[1].append(None)
        try:
            await slot[0].acquire()
        except BaseException:
            self._leave(slot)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        slot = self._taken[self._key]
        slot[0].release()
        self._leave(slot)

    def _leave(self, slot: tuple[asyncio.Lock, list[None]]) -> None:
        slot[1].pop()
        if not slot[1]:
            del self._taken[self._key]
