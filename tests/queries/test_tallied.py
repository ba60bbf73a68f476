"""Sums over all runs equal what is counted run by run, and what each of their numbers opens to, now and then."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import sql

from infra.read_store.asking import OWNERS
from projections.tallying import numbers_of
from queries.asking import AsOf
from queries.due_counts import due_counts
from queries.due_steps import due_steps
from queries.flow_by_procedure import flow_by_procedure
from queries.on_time import on_time
from queries.on_time_by_step import on_time_by_step
from queries.open_steps import ByRule
from queries.progress_by_procedure import progress_by_procedure
from queries.returns_behind import returns_behind
from queries.rework import rework
from queries.run_list import run_list
from queries.runs_behind import What, runs_behind
from queries.seen import Viewer
from queries.tallied import COUNTED
from queries.theirs import THEIRS, THEIRS_OPEN, THEIRS_THEN, THEIRS_UNCOUNTED
from queries.trend import trend
from queries.turns_behind import turns_behind
from queries.waited import waited
from queries.waiting_behind import waiting_behind
from queries.waiting_for import waiting_for
from queries.waiting_now import waiting_now
from queries.weeks import WEEK, Weeks, weeks_until
from tests.queries.chance import runs_to_their_end
from tests.queries.playing import Company, World, world

SEEDS = range(2)


async def viewers_of(company: Company) -> list[Viewer | None]:
    """Someone who sees all, and all the people as if they saw little, from inside and from outside."""
    people = sorted({e.by for e, _ in await company.events() if hasattr(e, "by")} | {company.owner})
    kinds = [(roles, outside) for roles in ((), ("it",)) for outside in (False, True)]
    return [None, *(Viewer(who, roles, outside) for who in people for roles, outside in kinds)]


def moments(company: Company, last: int, seed: int) -> list[AsOf | None]:
    return [None, *Random(seed).sample(range(1, last), 2)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_each_tally_comes_to_what_is_counted_run_by_run(database: str, seed: int) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, seed)
        await w.shown()
        with psycopg.connect(database) as connection:
            connection.execute(f"SET search_path TO {', '.join({p.name for p, _ in OWNERS.values()})}")
            for table, (columns, theirs) in COUNTED.items():
                numbers = _numbers(table)
                key = [c.strip() for c in columns.split(",") if c.strip() not in numbers]
                sums = ", ".join(f"sum({n})::bigint" for n in numbers)
                told = f"SELECT {', '.join(key)}, {sums} FROM {{}} GROUP BY {', '.join(key)}"
                tallied = told.format(f"(SELECT * FROM {table} WHERE tenant_id = %(tenant)s) t")
                given = {"tenant": company.tenant}
                found = sorted(connection.execute(sql.SQL(tallied), given).fetchall(), key=repr)
                everyones = told.format(f"({_of_all(theirs)}) t")
                by_run = connection.execute(sql.SQL(everyones), given).fetchall()
                assert found == sorted(by_run, key=repr), table
                assert found, table


def _numbers(table: str) -> list[str]:
    return [n for n in numbers_of(OWNERS[table][1]) if n in COUNTED[table][0]]


def _of_all(theirs: str) -> str:
    for few in (THEIRS, THEIRS_OPEN, THEIRS_THEN, THEIRS_UNCOUNTED):
        theirs = theirs.replace(few, "true")
    return theirs


class Asked:
    """The same weeks, viewer and moment for a figure and for the list behind it."""

    def __init__(self, w: World, company: Company, viewer: Viewer | None, as_of: AsOf | None) -> None:
        self.same: dict[str, Any] = {"viewer": viewer, "as_of": as_of}
        self.weeks = weeks_until(company.today, 40)
        self.w, self.company = w, company

    async def figures(self, question: Callable[..., Awaitable[list[Any]]], **given: Any) -> list[Any]:
        return await question(self.w.ask, self.company.tenant, **given, **self.same)

    async def behind(self, question: Callable[..., Awaitable[list[Any]]], **given: Any) -> int:
        """How many there are, page by page."""
        found: list[Any] = []
        while True:
            after = found[-1].after if found else None
            rows = await question(self.w.ask, self.company.tenant, **given, **self.same, limit=7, after=after)
            if not rows:
                break
            found += rows
        assert len({row.after for row in found}) == len(found)
        return len(found)


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_number_is_as_long_as_the_list_behind_it_whoever_asks(database: str, seed: int) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, seed)
        await w.shown()
        viewers = await viewers_of(company)
        told = 0
        for viewer in [None, *Random(seed).sample(viewers[1:], 5)]:
            for as_of in moments(company, len(await company.events()), seed):
                asked = Asked(w, company, viewer, as_of)
                told += await _runs(asked) + await _steps(asked) + await _waiting(asked) + await _due(asked)
        assert told > 100


async def _runs(asked: Asked) -> int:
    told = 0
    by_procedure = await asked.figures(flow_by_procedure, weeks=asked.weeks)
    for row in by_procedure:
        whats: tuple[What, ...] = ("started", "completed", "cancelled")
        for what in whats:
            of = {"weeks": asked.weeks, "procedure": row.procedure_id}
            assert getattr(row, what) == await asked.behind(runs_behind, what=what, **of), (row, what)
            told += 1
    for row in await asked.figures(on_time, weeks=asked.weeks):
        assert row.runs_on_time == await asked.behind(
            runs_behind, what="on_time", weeks=asked.weeks, procedure=row.procedure_id
        )
        assert row.runs_clean == await asked.behind(
            runs_behind, what="clean", weeks=asked.weeks, procedure=row.procedure_id
        )
    weekly = await asked.figures(trend, weeks=asked.weeks)
    for what in ("started", "completed", "cancelled", "clean", "due", "on_time", "legal_due", "legal_on_time"):
        busiest = max(weekly, key=lambda week: (getattr(week, what), week.week))
        week = Weeks(busiest.week, busiest.week)
        assert getattr(busiest, what) == await asked.behind(runs_behind, what=what, weeks=week)
        told += 1
    for name in ("started", "completed", "cancelled"):
        assert sum(getattr(week, name) for week in weekly) == sum(getattr(row, name) for row in by_procedure)
    return told


async def _steps(asked: Asked) -> int:
    told, turns = 0, 0
    for row in await asked.figures(waited, weeks=asked.weeks):
        of = {"procedure": row.procedure_id, "step": row.step_id, "weeks": asked.weeks}
        assert row.turns == await asked.behind(turns_behind, **of)
        told, turns = told + 1, turns + row.turns
    for weeks in _in_parts(asked.weeks):
        turns -= sum(row.turns for row in await asked.figures(waited, weeks=weeks))
    assert turns == 0
    for row in await asked.figures(rework, weeks=asked.weeks):
        of = {"procedure": row.procedure_id, "step": row.step_id, "weeks": asked.weeks}
        for cause in ("sent_back", "rejected", "reopened"):
            assert getattr(row, cause) == await asked.behind(returns_behind, what=cause, **of)
        assert row.rejecting == await asked.behind(turns_behind, what="rejecting", **of)
        assert row.done == await asked.behind(turns_behind, what="done", **of)
        told += 5
    for row in await asked.figures(on_time_by_step, weeks=asked.weeks):
        of = {"procedure": row.procedure_id, "step": row.step_id, "weeks": asked.weeks}
        for what in ("due", "on_time", "legal_due", "legal_on_time"):
            assert getattr(row, what) == await asked.behind(turns_behind, what=what, **of)
        told += 4
    return told


def _in_parts(weeks: Weeks) -> list[Weeks]:
    """The last two weeks, the two before, and the rest: runs begin and end within and between them."""
    edges = [weeks.first, weeks.last - 3 * WEEK, weeks.last - WEEK, weeks.last + WEEK]
    return [Weeks(first, following - WEEK) for first, following in pairwise(edges)]


async def _due(asked: Asked) -> int:
    told, today = 0, asked.company.today
    soon = today + timedelta(days=9)
    for row in await asked.figures(due_counts, today=today, since=date.min, until=soon):
        of: dict[str, Any] = {"today": today, "by_rule": ByRule(), "procedure": row.procedure_id}
        over, next_days = {"since": date.min, "until": today - timedelta(days=1)}, {"since": today, "until": soon}
        for law in (True, None):
            names = ("legal_overdue", "legal_soon") if law else ("overdue", "soon")
            for name, days in zip(names, (over, next_days), strict=True):
                assert getattr(row, name) == await asked.behind(due_steps, **of, **days, legal=law), (row, name)
                told += 1
    for one in await asked.figures(progress_by_procedure, today=today):
        of = {"today": today, "procedure": one.procedure_id}
        for status in ("open", "completed", "cancelled"):
            assert getattr(one, status) == await asked.behind(run_list, status=status, **of), (one, status)
        assert one.late == await asked.behind(run_list, late=True, **of)
        told += 4
    return told


async def _waiting(asked: Asked) -> int:
    told = 0
    at = asked.company.at
    for row in await asked.figures(waiting_now, at=at):
        of = {"procedure": row.procedure_id, "step": row.step_id, "at": at}
        assert row.steps == await asked.behind(waiting_behind, **of)
        assert row.nobodys == await asked.behind(waiting_behind, nobodys=True, **of)
        people = await asked.figures(waiting_for, **of)
        assert row.steps == sum(one.steps for one in people)
        for one in people:
            who: dict[str, Any] = {"assignee": one.assignee} if one.assignee else {"nobodys": True}
            assert one.steps == await asked.behind(waiting_behind, **of, **who)
        told += 2
    for row in await asked.figures(waiting_now, at=at, by="role"):
        assert row.steps == await asked.behind(waiting_behind, at=at, procedure=row.procedure_id, role=row.role)
        told += 1
    return told
