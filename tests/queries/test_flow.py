"""Measures of flow equal a recount of the log, event by event, by their definitions in docs/measures.md."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import ceil

import pytest

from domain.events import Event, Meta
from domain.runs import events as e
from queries.flow_by_procedure import flow_by_procedure
from queries.flow_by_step import flow_by_step
from queries.on_time import on_time
from queries.rework import rework
from queries.trend import trend
from queries.waited import waited
from queries.waiting_now import waiting_now
from queries.weeks import Weeks, week_of
from tests.queries.chance import runs_to_their_end
from tests.queries.playing import Company, world

SEEDS = range(2)
ALL = Weeks(date(2024, 1, 1), date(2024, 12, 30))
DAY_S, HOUR_S = 86_400, 3_600


@dataclass
class Turn:
    """A step that was ready for a while."""

    step: str
    since: datetime
    until: datetime
    done: bool
    due: date | None
    on: date | None


@dataclass
class Told:
    """A run, told from its events."""

    started: e.RunStarted
    turns: list[Turn] = field(default_factory=list)
    came_back: list[tuple[str, str]] = field(default_factory=list)
    ready: dict[str, tuple[datetime, date | None]] = field(default_factory=dict)
    end: tuple[str, date] | None = None

    def over(self, step: str, at: datetime, on: date | None = None, *, done: bool = False) -> None:
        """A step is ready no more, if it was."""
        if step in self.ready:
            since, due = self.ready.pop(step)
            self.turns.append(Turn(step, since, at, done, due, on))

    def legal(self, step: str) -> bool:
        """Whether the law sets a step's deadline."""
        return next(planned.legal for planned in self.started.steps if planned.id == step)

    @property
    def done_under_due(self) -> list[Turn]:
        """What was done and had a due date."""
        return [turn for turn in self.turns if turn.done and turn.due]


def told(history: list[tuple[Event, Meta]]) -> list[Told]:
    runs: dict[str, Told] = {}
    for event, meta in history:
        if isinstance(event, e.RunStarted):
            runs[meta.stream] = Told(event)
        elif meta.type.startswith("run."):
            _happened(runs[meta.stream], event, meta.recorded_at)
    return [*runs.values()]


def _happened(run: Told, event: Event, at: datetime) -> None:
    match event:
        case e.StepReady():
            run.ready[event.step] = (at, event.due)
        case e.DueDateChanged() if event.step in run.ready:
            run.ready[event.step] = (run.ready[event.step][0], event.new)
        case e.StepCompleted() | e.StepApproved():
            run.over(event.step, at, event.on, done=True)
        case e.StepSkipped():
            run.over(event.step, at)
        case e.RunCompleted() | e.RunCancelled():
            run.end = (event.type, event.on)
            for step in [*run.ready]:
                run.over(step, at)
        case _:
            _went_back(run, event, at)


def _went_back(run: Told, event: Event, at: datetime) -> None:
    if not isinstance(event, (e.StepRejected, e.StepSentBack, e.StepReopened)):
        return
    for step in (event.step, *event.reset):
        run.over(step, at)
    to = event.step if isinstance(event, e.StepReopened) else event.to
    run.came_back.append((to, event.type))
    run.end = None


def rank(values: list[int], percent: int) -> int | None:
    """The percentile by nearest rank."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1] if values else None


def completed(runs: list[Told]) -> Iterator[tuple[Told, date]]:
    for run in runs:
        if run.end and run.end[0] == "run.completed":
            yield run, run.end[1]


async def by_procedure(company: Company) -> dict[str, list[Told]]:
    grouped: dict[str, list[Told]] = defaultdict(list)
    for run in told(await company.events()):
        grouped[run.started.procedure].append(run)
    return grouped


@pytest.mark.parametrize("seed", SEEDS)
async def test_lead_and_cycle_times_of_runs(database: str, seed: int) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, seed)
        await w.shown()
        runs = await by_procedure(company)
        found = await flow_by_procedure(w.ask, company.tenant, weeks=ALL)
        assert {row.procedure_id for row in found} == set(runs)
        assert sum(row.completed for row in found) > 5
        for row in found:
            of = runs[row.procedure_id]
            lead = [(on - run.started.on).days for run, on in completed(of)]
            firsts = [
                (on, min(turn.until for turn in run.turns if turn.done), run)
                for run, on in completed(of)
                if any(turn.done for turn in run.turns)
            ]
            cycle = [(on - next(t.on for t in run.turns if t.until == at and t.on)).days for on, at, run in firsts]
            assert (row.started, row.completed) == (len(of), len(lead))
            assert (row.lead_p50, row.lead_p85, row.lead_p95) == tuple(rank(lead, p) for p in (50, 85, 95))
            assert (row.cycle_p50, row.cycle_p85, row.cycle_p95) == tuple(rank(cycle, p) for p in (50, 85, 95))


@pytest.mark.parametrize("seed", SEEDS)
async def test_times_waits_and_rework_of_steps(database: str, seed: int) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, seed)
        await w.shown()
        waits = {(r.procedure_id, r.step_id): r for r in await waited(w.ask, company.tenant, weeks=ALL)}
        back = {(r.procedure_id, r.step_id): r for r in await rework(w.ask, company.tenant, weeks=ALL)}
        assert back
        for procedure, runs in (await by_procedure(company)).items():
            returned = Counter(step for run in runs for step, _ in run.came_back)
            for step, row in {s: r for (p, s), r in back.items() if p == procedure}.items():
                assert row.returned == returned[step]
            turns: dict[str, list[Turn]] = defaultdict(list)
            for turn in (turn for run in runs for turn in run.turns):
                turns[turn.step].append(turn)
            assert {s for p, s in waits if p == procedure} == set(turns)
            for step, of in turns.items():
                seconds = sum(int((turn.until - turn.since).total_seconds()) for turn in of)
                assert waits[procedure, step].turns == len(of)
                assert waits[procedure, step].waited_hours == seconds // HOUR_S
            await _times(company, procedure, turns)


async def _times(company: Company, procedure: str, turns: dict[str, list[Turn]]) -> None:
    found = await flow_by_step(company.world.ask, company.tenant, procedure=procedure, weeks=ALL)
    assert {row.step_id for row in found} == {step for step, of in turns.items() if any(t.done for t in of)}
    for row in found:
        seconds = [int((t.until - t.since).total_seconds()) for t in turns[row.step_id] if t.done]
        values = [s // HOUR_S if s < 2 * DAY_S else s // DAY_S * 24 for s in seconds]
        assert row.done == len(values)
        assert (row.cycle_p50, row.cycle_p85, row.cycle_p95) == tuple(rank(values, p) for p in (50, 85, 95))


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_was_on_time(database: str, seed: int) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, seed)
        await w.shown()
        runs = await by_procedure(company)
        for row in await on_time(w.ask, company.tenant, weeks=ALL):
            of = runs[row.procedure_id]
            due = [(turn, run.legal(turn.step)) for run in of for turn in run.done_under_due]
            late = [(turn, legal) for turn, legal in due if turn.on and turn.due and turn.on > turn.due]
            assert (row.steps_due, row.steps_on_time) == (len(due), len(due) - len(late))
            assert row.legal_steps_due == sum(legal for _, legal in due)
            assert row.legal_steps_on_time == row.legal_steps_due - sum(legal for _, legal in late)
            ended = [run for run, _ in completed(of)]
            is_late = [any(t.on and t.due and t.on > t.due for t in run.done_under_due) for run in ended]
            assert row.runs_completed == len(ended)
            assert row.runs_clean == sum(not run.came_back for run in ended)
            assert row.runs_due == sum(bool(run.done_under_due) for run in ended)
            assert row.runs_on_time == row.runs_due - sum(is_late)


async def test_the_trend_tells_of_every_week(database: str) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, 0)
        await w.shown()
        runs = told(await company.events())
        found = await trend(w.ask, company.tenant, weeks=ALL)
        assert [row.week for row in found] == sorted({row.week for row in found})
        assert len(found) == 53
        for row in found:
            lead = [(on - run.started.on).days for run, on in completed(runs) if week_of(on) == row.week]
            assert row.started == sum(week_of(run.started.on) == row.week for run in runs)
            assert (row.completed, row.lead_p50) == (len(lead), rank(lead, 50))


async def test_where_runs_wait_is_what_is_ready(database: str) -> None:
    async with world(database) as w:
        company = await runs_to_their_end(w, 1)
        await w.shown()
        at = company.at.astimezone(UTC)
        ready: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for run in told(await company.events()):
            for step, (since, _) in run.ready.items():
                ready[run.started.procedure, step].append(since)
        found = {(r.procedure_id, r.step_id): r for r in await waiting_now(w.ask, company.tenant, at=at)}
        assert {key: row.steps for key, row in found.items()} == {key: len(of) for key, of in ready.items()}
        for key, instants in ready.items():
            hours = sum((at - one).total_seconds() for one in instants) / len(instants) / HOUR_S
            assert abs(found[key].average_hours - hours) <= 1
