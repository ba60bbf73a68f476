"""`python -m bench.dashboards`: every dashboard on the read models of a million events, and of ten million.

One company holds half of them. For each dashboard the median and the 99th percentile are told, asked by somebody who
sees all, a member and a partner in turn, as far as they may ask, of changing procedures. All sizes are filled first,
read once, and asked in turn; exit status 1 when one misses 20 ms, or takes more than 1.5 times as long at the last
size.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from random import Random
from statistics import quantiles
from typing import NamedTuple

import psycopg
import uvloop
from psutil import virtual_memory
from rich.console import Console
from rich.table import Table

from bench.server import database, machine, postgres, read_through, settle, show
from domain.ids import TenantId
from infra.read_store.asking import Asking, reading_pool
from infra.read_store.past import past_connections
from queries.weeks import weeks_until
from services.bootstrap import spare_the_collector
from services.database import prepare
from tests.dashboards.asked import DASHBOARDS, Asked, asked_by, viewers
from tests.dashboards.filling import END, MOST_PEOPLE, Filled, fill, lived

SIZES = (1_000_000, 10_000_000)
MOST_MS, MOST_GROWTH = 20.0, 1.5
FLOOR_MS = 2.0
"""Growth is of what takes longer: below it the clock measures the machine."""
TIMES = 1_000
STEPS = """
    SELECT procedure_id::text, department, step_id FROM tasks.step_turn WHERE tenant_id = %s
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
RUNS = "SELECT run_id::text FROM progress.run_progress WHERE tenant_id = %s ORDER BY run_id LIMIT 1000"
PEOPLE = """
    SELECT assignee::text, array_agg(DISTINCT role) FROM tasks.task
    WHERE tenant_id = %s AND assignee IS NOT NULL GROUP BY 1 ORDER BY 1
"""

Times = tuple[float, float]
"""Median and 99th percentile, in milliseconds."""


class Known(NamedTuple):
    """What can be asked about: steps with their procedures and departments, runs, and people with their roles."""

    steps: Sequence[tuple[str, str, str]]
    runs: Sequence[str]
    people: Sequence[tuple[str, Sequence[str]]]


class Size(NamedTuple):
    """The read models of so many events: how they are asked, the company asked about, and what is known of it."""

    ask: Asking
    company: TenantId
    known: Known


def main() -> int:
    """Fill all sizes, ask, tell."""
    asked = _arguments()
    with postgres(asked.dsn, shared_buffers=asked.shared_buffers) as dsn:
        print(f"{machine(dsn)}, shared_buffers {_shared_buffers(dsn)}", flush=True)
        companies = {}
        for size in asked.sizes:
            filled = database(dsn, f"dashboards_{size}")
            companies[filled] = _filled(filled, size, asked.most_people)
        for filled in companies:
            read_through(filled)
        return _show(asked.sizes, uvloop.run(_measured(companies, asked.times, asked.best_of)))


def _shared_buffers(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        return show(connection, "shared_buffers")


def _filled(dsn: str, size: int, most_people: int) -> Filled:
    began = time.perf_counter()
    prepare(dsn)
    lived(dsn)
    filled = fill(dsn, size, most_people)
    settle(dsn)
    print(f"filled as by {filled.events:,} events in {time.perf_counter() - began:.0f} s", flush=True)
    return filled


async def _measured(companies: Mapping[str, Filled], times: int, best_of: int) -> Sequence[Mapping[str, Times]]:
    """Of each size what every dashboard took: asked in turn, since a machine's speed changes from minute to minute."""
    spare_the_collector()  # as the program does
    found: list[dict[str, Times]] = [{} for _ in companies]
    async with AsyncExitStack() as stack:
        asking = [await _asking(stack, dsn, filled) for dsn, filled in companies.items()]
        for name in DASHBOARDS:
            took: list[list[float]] = [[] for _ in companies]
            questions = [_questions(of.known, name) for of in asking]
            for _ in range(times + times // 10):
                for of, question, tooks in zip(asking, questions, took, strict=True):
                    asked = next(question)
                    tooks.append(min([await _once(of, name, asked) for _ in range(best_of)]))
            for tooks, of_size in zip(took, found, strict=True):
                of_size[name] = _told(tooks[times // 10 :])  # the first ones fill caches and prepare statements
    return found


async def _asking(stack: AsyncExitStack, dsn: str, filled: Filled) -> Size:
    connections = await stack.enter_async_context(reading_pool(dsn))
    return Size(Asking(connections, past_connections(dsn)), filled.huge, _known(dsn, filled))


async def _once(size: Size, name: str, asked: Asked) -> float:
    began = time.perf_counter()
    await DASHBOARDS[name](size.ask, size.company, asked)
    took = time.perf_counter() - began
    await asyncio.sleep(0)
    return took * 1000


def _told(took: Sequence[float]) -> Times:
    percent = quantiles(took, n=100)
    return percent[49], percent[98]


def _known(dsn: str, filled: Filled) -> Known:
    with psycopg.connect(dsn) as connection:
        steps = connection.execute(STEPS, (filled.huge,)).fetchall()
        runs = [run for (run,) in connection.execute(RUNS, (filled.huge,))]
        return Known(steps, runs, connection.execute(PEOPLE, (filled.huge,)).fetchall())


def _questions(known: Known, name: str) -> Iterator[Asked]:
    """Somebody of each kind who may ask for it in turn, about a step by chance."""
    chance, today = Random(11), END.date()  # no secret
    while True:
        for kind in asked_by(name):
            member, roles = chance.choice(known.people)
            viewer = viewers(member, roles)[kind]
            procedure, department, step = chance.choice(known.steps)
            run, weeks = chance.choice(known.runs), weeks_until(today)
            yield Asked(viewer, member, roles, procedure, department, step, run, weeks, today)


def _show(sizes: Sequence[int], found: Sequence[Mapping[str, Times]]) -> int:
    table = Table("dashboard", *(f"{size:,}: p50, p99 ms" for size in sizes), "growth", "met")
    missed = 0
    for name in DASHBOARDS:
        times = [of[name] for of in found]
        growth = times[-1][1] / max(times[0][1], FLOOR_MS)
        met = times[-1][1] <= MOST_MS and times[0][1] <= MOST_MS and growth <= MOST_GROWTH
        missed += not met
        table.add_row(name, *(f"{p50:.1f}, {p99:.1f}" for p50, p99 in times), f"{growth:.2f}", "yes" if met else "NO")
    Console().print(table)
    kept = f"{len(DASHBOARDS) - missed} of {len(DASHBOARDS)} dashboards"
    print(f"{kept}: 99 of 100 within {MOST_MS:.0f} ms, and no more than {MOST_GROWTH} times as long at the end")
    return int(missed > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.dashboards", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="EVENTS", help="events, smallest first")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each dashboard is asked")
    parser.add_argument(
        "--best-of",
        type=int,
        default=1,
        metavar="N",
        help="ask each question so often, the quickest counts: what it costs while others are at work on the machine",
    )
    parser.add_argument(
        "--most-people",
        type=int,
        default=MOST_PEOPLE,
        metavar="N",
        help="of the company: with more events than they have in ten months, it is older instead",
    )
    parser.add_argument(
        "--shared-buffers",
        default=f"{virtual_memory().total // 4 >> 20}MB",
        metavar="SIZE",
        help="PostgreSQL's memory, where it is started here: else a quarter of the machine's, as PostgreSQL advises",
    )
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
