"""A stream's events beside what the trail says of them, each with the facts that it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.events import EVENT_TYPES
from domain.refusals import NotFound
from domain.replay.changes import Change, Kind, facts_of, walk
from domain.replay.facts import Facts, digest
from queries.asking import AsOf
from queries.trail import TrailFilter, TrailRow, trail
from services.api.call import Call
from services.api.routes.asking import named

KINDS: dict[str, Kind] = {"tenant": "tenant", "procedure": "procedure", "run": "run"}
MOST_AT_ONCE = 5_000
# Every kind of stream that has facts begins with an event of one of these types.
FACTUAL = tuple(name for name in EVENT_TYPES if name.partition(".")[0] in KINDS)


@dataclass(frozen=True, slots=True)
class Step:
    """An event and what it changed; `digest` is of the facts after it."""

    entry: TrailRow
    changes: Sequence[Change]
    digest: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A stream's events after one sequence up to another; the facts before the first and after the last."""

    before: Facts
    after: Facts
    steps: Sequence[Step]


async def replay(call: Call, stream: str, first: int, last: int, *, as_of: AsOf | None = None) -> Replay:
    """What happened to a stream from `first` to `last`, both included. Raises NotFound when it is none."""
    entries = [entry for entry in await entries_of(call, stream, first, last, as_of) if entry.stream_id == stream]
    events = (await call.deps.streams(call.tenant, {stream: 0})).get(stream, ())
    kind = KINDS.get(events[0].type.partition(".")[0]) if events else None
    if kind is None:
        raise NotFound("expected a run, a procedure or the company, but there is none of that id")
    if not entries:
        facts = facts_of(kind, events[: await _version(call, stream, first - 1)])
        return Replay(facts, facts, [])
    begin = entries[0].version - 1
    told = list(walk(kind, events[: entries[-1].version]))
    steps = [
        Step(entry, changes, digest(after)) for entry, (after, changes) in zip(entries, told[begin:], strict=True)
    ]
    return Replay(told[begin - 1][0] if begin else {}, told[-1][0], steps)


async def entries_of(call: Call, stream: str, first: int, last: int, as_of: AsOf | None) -> list[TrailRow]:
    """The trail's entries of a stream, all of them."""
    found: list[TrailRow] = []
    while True:
        where = TrailFilter(stream=stream, first=first, last=last, types=FACTUAL)
        after = found[-1].seq if found else None
        some = await trail(
            call.deps.ask,
            call.tenant,
            where=where,
            newest_first=False,
            limit=MOST_AT_ONCE,
            after=after,
            as_of=as_of,
        )
        found += named(some)
        if len(some) < MOST_AT_ONCE:
            return found


async def _version(call: Call, stream: str, last: int) -> int:
    """At which version a stream was after a sequence."""
    where = TrailFilter(stream=stream, last=last, types=FACTUAL)
    found = await trail(call.deps.ask, call.tenant, where=where, limit=MOST_AT_ONCE)
    return next((entry.version for entry in found if entry.stream_id == stream), 0)
