"""Our side in process: load, decide, append; the writer alone; and the append function alone."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from functools import partial

import uvloop

from bench import callers
from bench.harness import Figures
from bench.ours_world import HASH, complete, copy_runs, world
from bench.plain import Calls
from bench.server import database, settle
from bench.workload import Task, Workload, serial, values
from commands.ports import Entry, NewEvent, Seen
from domain.events import Event
from domain.ids import CommandId, MemberId, StepId, TenantId
from domain.runs.events import StepCompleted
from infra.event_store.arrays import Booleans, Bytes, Ints, Texts, Uuids, register
from infra.event_store.codec import encode
from infra.event_store.writer import Writer
from infra.ids import uuid7
from infra.migrations import migrate

MOST_PER_SECOND = 9_000
APPEND = "SELECT * FROM append(%s, %s, %s, %s, %s::timestamptz[], %s, %s, %s, %s, %s, %s, %s, %s, %s)"
TODAY = date(2026, 4, 1)


class Steps:
    """Completing steps through the command service, as many at once as the workload says."""

    def __init__(self, dsn: str, workload: Workload) -> None:
        """A database of its own, a company, and a template run."""
        self._workload = workload
        self._dsn = database(dsn, f"bench_ours_{next(serial)}")
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._stack = AsyncExitStack()
        self._write, self._world = self._runner.run(
            self._stack.enter_async_context(world(self._dsn, workload))
        )

    def measure(self, seconds: float) -> Figures:
        """Fresh runs, then commands for `seconds`."""
        runs = copy_runs(self._dsn, self._world, self._workload.runs_for(seconds, MOST_PER_SECOND))
        settle(self._dsn)
        chains = self._workload.chains(runs)
        work = callers.tasks(self._workload.callers, chains, self._do, seconds)
        return {"rate": self._runner.run(work)}

    def close(self) -> None:
        """Close the write side and its loop."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    async def _do(self, task: Task) -> None:
        await complete(self._write, self._world, task.run, task.step)


class Appends:
    """One event with an expected version, through the group-committing writer."""

    def __init__(self, dsn: str, at_once: int) -> None:
        """A migrated database and a writer."""
        self._callers = at_once
        self._dsn = database(dsn, f"bench_ours_{next(serial)}")
        migrate(self._dsn)
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._writer = Writer(self._dsn)
        self._runner.run(self._writer.start())
        self._tenant = TenantId(uuid7())

    def measure(self, seconds: float) -> Figures:
        """Appends a second."""
        return {"rate": self._runner.run(self._rate(seconds))}

    def close(self) -> None:
        """Stop the writer."""
        self._runner.run(self._writer.stop())
        self._runner.close()

    async def _rate(self, seconds: float) -> float:
        chains = Workload(self._callers, 20).chains([uuid7() for _ in range(int(seconds * MOST_PER_SECOND))])
        return await callers.tasks(self._callers, chains, self._do, seconds)

    async def _do(self, task: Task) -> None:
        # A chain visits its stream three times, from some step on: the versions begin with 1.
        version = task.step - Workload(self._callers, 20).done
        seen = [Seen(task.run, version, True)]
        new = [NewEvent(task.run, version + 1, _event(task.step))]
        actor = MemberId(self._tenant)
        await self._writer.append(Entry(self._tenant, CommandId(uuid7()), HASH, b"{}", seen, new, actor))


class BareAppend(Calls):
    """The append function from as many connections, each call with one event, and nothing else."""

    def __init__(self, dsn: str, at_once: int) -> None:
        """A migrated database; the events are encoded before the clock starts to matter."""
        own = database(dsn, f"bench_ours_{next(serial)}")
        migrate(own)
        super().__init__(own, APPEND, partial(_call, uuid7()), at_once, register)


def _event(number: int) -> Event:
    plain = {name: str(value) for name, value in values(number).items()}
    return StepCompleted(StepId("step-000"), MemberId(uuid7()), TODAY, plain, 0, {})  # type: ignore[arg-type]


def _call(tenant: str, _caller: int, _number: int) -> tuple[object, ...]:
    stream, command = uuid7(), uuid7()
    body = encode(EVENT, stream, 1, actor=tenant, command=command, correlation=command)
    return (
        Uuids([tenant]),
        Uuids([command]),
        Bytes([HASH]),
        Bytes([b"{}"]),
        None,
        Ints([1]),
        Uuids([stream]),
        Ints([0]),
        Booleans([True]),
        Ints([1]),
        Uuids([stream]),
        Ints([1]),
        Texts([EVENT.type]),
        Bytes([body]),
    )


EVENT = _event(0)
