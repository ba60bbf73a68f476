"""Dashboards of people and subjects equal a recount of the lists behind them, whoever asks, now and then."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any

from domain.personal import ERASED
from domain.runs.events import RunStarted
from queries.asking import AsOf
from queries.dependence import dependence
from queries.dependence_by_procedure import dependence_by_procedure
from queries.due_steps import due_steps
from queries.load import load
from queries.only_they_did import only_they_did
from queries.open_steps import ByRule
from queries.progress_by_subject import SubjectProgress, progress_by_subject
from queries.run_list import run_list
from queries.seen import Viewer
from queries.turns_behind import Turn, turns_behind
from queries.waiting_behind import waiting_behind
from queries.weeks import week_of, weeks_until
from queries.workload import workload
from tests.queries.chance import runs_to_their_end
from tests.queries.playing import Company, World, world

MOST = 10_000


async def test_people_and_subjects_equal_a_recount(database: str) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, 5)
        procedures = sorted({e.procedure for e, _ in await company.events() if isinstance(e, RunStarted)})
        for n, subject in enumerate(("対象0", "対象1", "対象0", ERASED, "対象1", ERASED)):
            await company.start(procedures[n % 2], subject, company.today + timedelta(days=9 * (n % 4)))
        await w.shown()
        history = await company.events()
        people = sorted({e.by for e, _ in history if hasattr(e, "by")})
        kinds = [None, *(Viewer(people[0], ("it",), outside) for outside in (False, True))]
        moments: tuple[AsOf | None, ...] = (None, len(history) - Random(5).randrange(8))
        for viewer in kinds:
            for as_of in moments:
                recount = Recount(w, company, viewer, as_of)
                await recount.dependence(people)
                await recount.workload()
                await recount.subjects()
        for as_of in moments:
            await Recount(w, company, None, as_of).load(people)


class Recount:
    """One who asks, at one moment."""

    def __init__(self, w: World, company: Company, viewer: Viewer | None, as_of: AsOf | None) -> None:
        self.ask, self.tenant, self.today, self.at = w.ask, company.tenant, company.today, company.at
        self.asker: dict[str, Any] = {"viewer": viewer, "as_of": as_of}
        self.as_of = as_of

    async def dependence(self, people: list[str]) -> None:
        """Who ever did what, from the turns."""
        done: dict[str, dict[str, list[Turn]]] = defaultdict(dict)
        for of in await dependence_by_procedure(self.ask, self.tenant, **self.asker):
            steps = await dependence(self.ask, self.tenant, procedure=of.procedure_id, **self.asker)
            for step in steps:
                turns = await self._turns(of.procedure_id, step.step_id)
                done[of.procedure_id][step.step_id] = turns
                times = Counter(turn.by for turn in turns)
                first = min(times, key=lambda by: (-times[by], str(by)))
                others = [turn.ended_at for turn in turns if turn.by != first]
                assert (step.people, step.times) == (len(times), len(turns))
                assert (step.first, step.first_times) == (first, times[first])
                assert step.other_last_at == max(others, default=None)
            assert (of.steps, of.only_one) == (len(steps), sum(step.people == 1 for step in steps))
            assert (of.times, of.first_times) == (sum(s.times for s in steps), sum(s.first_times for s in steps))
        assert done
        for member in people:
            rows = await only_they_did(self.ask, self.tenant, member=member, roles=(), **self.asker)
            found = {(row.procedure_id, row.step_id): row.times for row in rows if row.only_they_did}
            assert found == {
                (procedure, step): len(turns)
                for procedure, steps in done.items()
                for step, turns in steps.items()
                if {turn.by for turn in turns} == {member}
            }

    async def _turns(self, procedure: str, step: str) -> list[Turn]:
        weeks = weeks_until(self.today, 52)
        return await turns_behind(
            self.ask, self.tenant, procedure=procedure, step=step, weeks=weeks, what="done", limit=MOST, **self.asker
        )

    async def workload(self) -> None:
        """Steps that are due, by whose they are and the week."""
        days: dict[str, Any] = {"today": self.today, "since": date.min, "until": self.today + timedelta(days=40)}
        this_week = week_of(self.today)
        given: dict[str, Any] = {"this_week": this_week, "by_rule": ByRule(), **days, **self.asker}
        found = await workload(self.ask, self.tenant, **given)
        assert await self._pages(workload, **given) == found
        due = await due_steps(self.ask, self.tenant, by_rule=ByRule(), limit=MOST, **days, **self.asker)
        theirs = Counter((max(week_of(step.due), this_week), step.member) for step in due if step.member)
        assert {(row.week, row.member): row.steps for row in found} == theirs
        members = {member for _, member in theirs}
        for row in found:
            assert row.median == median(theirs[row.week, member] for member in members)

    async def subjects(self) -> None:
        """Open runs, put together."""
        found: list[SubjectProgress] = []
        while page := await self._page(found[-1].after if found else None):
            found += page
        runs = await run_list(self.ask, self.tenant, today=self.today, status="open", limit=MOST, **self.asker)
        of: dict[str, list[Any]] = defaultdict(list)
        for run in runs:
            of[run.run_id if run.subject == ERASED else run.subject].append(run)
        assert [(row.run_id, row.subject) for row in found] == [
            (first.run_id, first.subject) for first, *_ in of.values()
        ]
        for row, its in zip(found, of.values(), strict=True):
            assert (row.open, row.late) == (len(its), sum(run.late for run in its))
            assert (row.late_legal, row.next_due) == (sum(run.late_legal for run in its), its[0].next_due)
            assert row.steps_done == sum(run.done + run.skipped for run in its)

    async def _pages(self, question: Callable[..., Awaitable[list[Any]]], **given: Any) -> list[Any]:
        """The rows of two people at a time."""
        found: list[Any] = []
        while page := await question(self.ask, self.tenant, limit=2, after=found[-1].after if found else None, **given):
            assert len({row.member for row in page}) <= 2
            found += page
        return found

    async def _page(self, after: tuple[date, str] | None) -> list[SubjectProgress]:
        return await progress_by_subject(
            self.ask, self.tenant, today=self.today, erased=ERASED, limit=3, after=after, **self.asker
        )

    async def load(self, people: list[str]) -> None:
        """What waits for each of them."""
        rows = await load(self.ask, self.tenant, today=self.today, as_of=self.as_of)
        assert await self._pages(load, today=self.today, as_of=self.as_of) == rows
        for member in people:
            tasks = await waiting_behind(
                self.ask, self.tenant, at=self.at, assignee=member, viewer=None, limit=MOST, as_of=self.as_of
            )
            assert sum(row.open for row in rows if row.member == member) == len(tasks)
        totals = Counter[str]()
        for row in rows:
            totals[row.member] += row.open
        assert [totals[row.member] for row in rows] == sorted((totals[r.member] for r in rows), reverse=True)
