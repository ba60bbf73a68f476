"""`ashiato demo`: fill a database with companies that have lived, with a bar, and say how fast it went."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import SystemRandom
from time import perf_counter

import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from infra.roles import ROLES, as_role
from services.bootstrap import write_side
from services.demo.companies import CompanyPlan, company_plans
from services.demo.generator import MOST_STATES, Demo, generate

MONTHS = 10
FIXED, BY_SCALE = 225, 1_140
"""Events a month of two companies: those that the calendar and the staff make, and those of scale 1."""
A_COMPANY = 50_000
"""Events of one company; when more are asked for there are more companies, up to MOST_COMPANIES."""
MOST_COMPANIES = 40
DAYS_A_MONTH = 30.4


class LogNotEmpty(Exception):
    """The log holds events; a simulated past cannot come after them."""


async def run_demo(
    dsn: str,
    seed: int | None = None,
    *,
    events: int | None = None,
    months: float = MONTHS,
    bar: bool = True,
    console: Console | None = None,
) -> Demo:
    """Live `months` of demo companies up to now, about `events` in all (default: two companies of their own size).

    The database is migrated and its log empty, or else LogNotEmpty. Without a seed each run is another history.
    """
    console = console or Console(stderr=True)
    await _check_empty(dsn)
    companies = plans_for(events, months)
    end = datetime.now(UTC)
    start = end - timedelta(days=round(months * DAYS_A_MONTH))
    seed = SystemRandom().randrange(2**32) if seed is None else seed
    began = perf_counter()
    async with write_side(dsn, most_keys=MOST_STATES) as write:
        with _bar(console, bar) as progress:
            task = progress.add_task("Demo: living through the months", total=None)
            demo = await generate(
                write,
                seed=seed,
                start=start,
                end=end,
                companies=companies,
                progress=lambda day, days: progress.update(task, completed=day, total=days),
            )
    seconds = perf_counter() - began
    if bar:
        console.print(
            f"{demo.events:,} events of {len(companies)} companies by {demo.commands:,} commands "
            f"in {seconds:.1f} s: {demo.events / seconds:,.0f} events/s (seed {seed})"
        )
    return demo


def keep(path: Path, demo: Demo) -> None:
    """The demo's keys, readable by their owner alone: the log holds only their hashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(demo), ensure_ascii=False, indent=1), encoding="utf-8")


def plans_for(events: int | None, months: float) -> list[CompanyPlan]:
    """The companies that together make about so many events in so many months."""
    if events is None:
        return list(company_plans(2))
    count = min(MOST_COMPANIES, max(2, 2 * round(events / A_COMPANY / 2)))
    a_month_of_two = events / (months * count / 2)
    return list(company_plans(count, max(0.02, (a_month_of_two - FIXED) / BY_SCALE)))


def _bar(console: Console, shown: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not shown)


async def _check_empty(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(as_role(dsn, ROLES.projector)) as connection:
        cursor = await connection.execute("SELECT max(position) FROM events")
        row = await cursor.fetchone()
    if row and row[0]:
        raise LogNotEmpty(f"expected an empty log to live a demo in, but it holds {row[0]:,} events")
