"""Progress and tasks: counts equal a recount of the log by the domain's own rules, now and then."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest

from commands.tenants import SetRoleHolders
from domain.events import Event, Meta
from domain.ids import RoleId
from domain.runs.events import RunStarted, StepRejected, StepSentBack
from domain.runs.state import Run, fold
from queries.asking import AsOf
from queries.my_tasks import TaskRow, my_tasks
from queries.progress_by_department import progress_by_department
from queries.progress_by_procedure import progress_by_procedure
from queries.run_list import RunSummary, run_list
from queries.seen import Viewer
from tests.queries.chance import runs_by_chance
from tests.queries.playing import OFFBOARDING, PURCHASE, Company, World, world

History = list[tuple[Event, Meta]]
SEEDS = range(3)
OPEN = ("waiting", "ready")


@dataclass
class Recounted:
    """A run as the write side sees it."""

    run: Run
    started: RunStarted
    sent_back: int

    def next_due(self, legal: bool = False) -> date | None:
        law = {step.id for step in self.started.steps if step.legal}
        steps = self.run.steps.items()
        return min((s.due for n, s in steps if s.due and s.status in OPEN and (n in law or not legal)), default=None)

    def is_late(self, today: date, legal: bool = False) -> bool:
        due = self.next_due(legal)
        return self.run.is_open and due is not None and due < today


def recount(history: History, seq: int | None = None) -> dict[str, Recounted]:
    """Every run, folded from the log up to a sequence."""
    streams: dict[str, list[Event]] = defaultdict(list)
    for event, meta in history:
        if meta.type.startswith("run.") and (seq is None or meta.seq <= seq):
            streams[meta.stream].append(event)
    back = (StepRejected, StepSentBack)
    return {
        run: Recounted(fold(events), events[0], sum(isinstance(e, back) for e in events))
        for run, events in streams.items()
    }


async def played(of: World, seed: int) -> tuple[Company, History]:
    company = await runs_by_chance(of, seed)
    await of.shown()
    return company, await company.events()


def sequences(history: History, seed: int) -> list[int | None]:
    return [None, *Random(seed).sample(range(1, len(history)), 4)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_counts_by_procedure_equal_a_recount(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        today = company.today
        for seq in sequences(history, seed):
            runs = recount(history, seq)
            found = await progress_by_procedure(w.ask, company.tenant, today=today, as_of=seq)
            assert {row.procedure_id for row in found} == {r.started.procedure for r in runs.values()}
            for row in found:
                of = [r for r in runs.values() if r.started.procedure == row.procedure_id]
                opened = [r for r in of if r.run.is_open]
                steps = [s for r in opened for s in r.run.steps.values()]
                assert row.open == len(opened)
                assert row.late == sum(r.is_late(today) for r in of)
                assert row.late_legal == sum(r.is_late(today, legal=True) for r in of)
                assert row.completed == sum(r.run.status == "completed" for r in of)
                assert row.cancelled == sum(r.run.status == "cancelled" for r in of)
                assert (row.steps_done, row.steps_total) == (sum(s.is_closed for s in steps), len(steps))
                assert row.sent_back == sum(r.sent_back for r in of)


@pytest.mark.parametrize("seed", SEEDS)
async def test_departments_add_up_to_the_procedures(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for seq in sequences(history, seed):
            departments = await progress_by_department(w.ask, company.tenant, today=company.today, as_of=seq)
            procedures = await progress_by_procedure(w.ask, company.tenant, today=company.today, as_of=seq)
            for name in ("open", "late", "late_legal", "due_this_week", "completed", "cancelled", "sent_back"):
                assert sum(getattr(d, name) for d in departments) == sum(getattr(p, name) for p in procedures)


async def test_a_week_ends_on_sunday(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        procedure = await company.publish(OFFBOARDING)
        for days in (13, 14, 20, 21):  # the first step is due 14 days before: -1, 0, 6 and 7 days from today
            await company.start(procedure, f"{days}", company.today + timedelta(days=days))
        await w.shown()
        assert company.today.weekday() == 0
        (row,) = await progress_by_procedure(w.ask, company.tenant, today=company.today)
        assert (row.late, row.due_this_week) == (1, 2)


async def everything(w: World, company: Company, page: int, as_of: AsOf | None = None) -> list[RunSummary]:
    """The whole list, page by page."""
    found: list[RunSummary] = []
    while True:
        after = found[-1].after if found else None
        rows = await run_list(w.ask, company.tenant, today=company.today, limit=page, after=after, as_of=as_of)
        if not rows:
            return found
        found += rows


@pytest.mark.parametrize("seed", SEEDS)
async def test_pages_of_any_size_hold_each_run_once_in_the_same_order(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        whole = await everything(w, company, 1000)
        assert {run.run_id for run in whole} == set(recount(history))
        for page in (1, 3, 7):
            assert await everything(w, company, page) == whole


@pytest.mark.parametrize("seed", SEEDS)
async def test_late_runs_come_first_and_closed_ones_last(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for seq in sequences(history, seed):
            rows = await everything(w, company, 1000, as_of=seq)
            kinds = [0 if run.late else 1 if run.status == "open" else 2 for run in rows]
            dues = [run.next_due or date.max for run in rows if run.status == "open"]
            ends = [run.changed_at for run in rows if run.status == "cancelled"]
            assert kinds == sorted(kinds)
            assert dues == sorted(dues)
            assert ends == sorted(ends, reverse=True)


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_late_is_what_a_recount_finds_late(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        for seq in sequences(history, seed):
            runs = recount(history, seq)
            found = await run_list(w.ask, company.tenant, today=company.today, late=True, limit=1000, as_of=seq)
            assert {r.run_id for r in found} == {i for i, r in runs.items() if r.is_late(company.today)}


async def test_filters_leave_what_was_asked_for(database: str) -> None:
    async with world(database) as w:
        company, history = await played(w, 7)
        runs = recount(history)
        for status in ("open", "completed", "cancelled"):
            found = await run_list(w.ask, company.tenant, today=company.today, status=status, limit=1000)
            assert {r.run_id for r in found} == {i for i, r in runs.items() if r.run.status == status}
        hr = await run_list(w.ask, company.tenant, today=company.today, department="hr", limit=1000)
        assert {r.run_id for r in hr} == {i for i, r in runs.items() if r.started.department == "hr"}


async def test_a_confidential_run_is_listed_only_for_those_who_have_to_do_with_it(database: str) -> None:
    async with world(database) as w:
        company = await w.company()
        starter, other = await company.hire("始めた人"), await company.hire("ほかの人")
        await company.do(SetRoleHolders(RoleId("it"), (starter,)))
        secret = await company.start(await company.publish(OFFBOARDING), "秘密", company.today, by=starter)
        public = await company.start(await company.publish(PURCHASE), "椅子", company.today, by=starter)
        await w.shown()

        async def seen(viewer: str | None) -> set[str]:
            who = Viewer(viewer) if viewer else None
            rows = await run_list(w.ask, company.tenant, today=company.today, viewer=who)
            return {row.run_id for row in rows}

        assert await seen(starter) == {secret, public}
        assert await seen(other) == {public}
        assert await seen(None) == {secret, public}


@pytest.mark.parametrize("seed", SEEDS)
async def test_my_tasks_are_my_ready_steps_and_nobodys_of_my_roles(database: str, seed: int) -> None:
    async with world(database) as w:
        company, history = await played(w, seed)
        everyone = {e.by for e, m in history if hasattr(e, "by")} | {company.owner}
        for seq in sequences(history, seed):
            runs = recount(history, seq)
            roles = {(r, s.id): s.role for r, run in runs.items() for s in run.started.steps}
            for member in everyone:
                found = await tasks(w, company, member, ["it"], seq)
                naive = {
                    (run, step)
                    for run, r in runs.items()
                    for step, s in r.run.steps.items()
                    if r.run.is_open and s.status == "ready"
                    if s.assignee == member or (s.assignee is None and roles[run, step] == "it")
                }
                assert Counter((t.run_id, t.step_id) for t in found) == Counter(naive)


async def tasks(w: World, company: Company, member: str, roles: list[str], seq: int | None) -> list[TaskRow]:
    """The whole list, two at a time."""
    found: list[TaskRow] = []
    while True:
        after = found[-1].after if found else None
        page = await my_tasks(
            w.ask,
            company.tenant,
            member=member,
            roles=roles,
            today=company.today,
            limit=2,
            after=after,
            as_of=seq,
        )
        if not page:
            return found
        found += page


async def test_overdue_tasks_come_first(database: str) -> None:
    async with world(database) as w:
        company, _ = await played(w, 5)
        found = await tasks(w, company, company.owner, [], None)
        dues = [task.due or date.max for task in found]
        assert dues == sorted(dues)
        assert [task.late for task in found] == [due < company.today for due in dues]
        assert found
