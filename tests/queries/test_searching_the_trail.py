"""Searching the trail: each filter leaves what it names, windows miss and repeat nothing; what belongs to an entry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from commands.procedures import RetireProcedure
from queries import trail as t
from queries.trail import TrailFilter, TrailRow, search, trail
from queries.trail_related import related
from tests.queries.chance import runs_by_chance
from tests.queries.playing import PURCHASE, Company, World, world

EVERY = 100_000
READY = "run.step_ready"


async def searched(w: World, company: Company, where: TrailFilter, window: int, up: bool) -> list[int]:
    """The sequences that a search finds, page after page of three."""
    found: list[int] = []
    after, pages = None, 0
    while True:
        page = await search(
            w.ask, company.tenant, where=where, newest_first=not up, limit=3, after=after, window=window
        )
        found += [entry.seq for entry in page.entries]
        if page.looked is None:
            return found
        assert after is None or (page.looked > after if up else page.looked < after)
        after, pages = page.looked, pages + 1
        assert pages < EVERY


@dataclass(frozen=True)
class Asked:
    """A filter, and what fits it."""

    where: TrailFilter
    fits: Callable[[TrailRow], bool]


def asked(every: list[TrailRow]) -> list[Asked]:
    """One of each filter, about an entry that has what it names."""
    run = next(e for e in every if e.type == "run.step_completed")
    middle = every[len(every) // 2]
    why = next(e for e in every if e.reason)
    part = (why.reason or "")[1:3]
    at = middle.occurred_at or middle.recorded_at
    return [
        Asked(TrailFilter(), lambda _: True),
        Asked(TrailFilter(procedure=run.procedure_id), lambda e: e.procedure_id == run.procedure_id),
        Asked(TrailFilter(subject=run.subject), lambda e: (run.subject or "") in (e.subject or "")),
        Asked(TrailFilter(first=10, last=middle.seq), lambda e: 10 <= e.seq <= middle.seq),
        Asked(TrailFilter(first=middle.seq, types=(READY,)), lambda e: e.seq >= middle.seq and e.type == READY),
        Asked(TrailFilter(command=run.command_id), lambda e: e.command_id == run.command_id),
        Asked(TrailFilter(correlation=run.correlation), lambda e: e.correlation == run.correlation),
        Asked(TrailFilter(occurred_since=at), lambda e: (e.occurred_at or e.recorded_at) >= at),
        Asked(TrailFilter(occurred_until=at), lambda e: (e.occurred_at or e.recorded_at) < at),
        Asked(TrailFilter(reason=part), lambda e: part in (e.reason or "")),
        Asked(TrailFilter(on_behalf_of=run.actor), lambda e: e.on_behalf_of == run.actor),
        Asked(TrailFilter(text="no such words"), lambda _: False),
        Asked(
            TrailFilter(stream=run.stream_id, last=middle.seq),
            lambda e: e.about_id == run.stream_id and e.seq <= middle.seq,
        ),
    ]


@pytest.mark.parametrize("up", [True, False])
async def test_each_search_finds_what_fits_once_and_in_order_however_far_it_looks(database: str, up: bool) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 2, turns=60)
        await w.shown()
        every = await trail(w.ask, company.tenant, newest_first=False, limit=EVERY)
        for one in asked(every):
            expected = [entry.seq for entry in every if one.fits(entry)]
            for window in (5, 17, EVERY):
                found = await searched(w, company, one.where, window, up)
                assert found == (expected if up else expected[::-1]), one.where


async def test_text_is_found_wherever_it_stands(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 4, turns=40)
        await w.shown()
        every = await trail(w.ask, company.tenant, newest_first=False, limit=EVERY)
        step = next(e for e in every if e.step_title)
        for text in (step.step_title, step.stream_title, step.subject, step.actor_name):
            found = await searched(w, company, TrailFilter(text=text), EVERY, up=True)
            assert step.seq in found


async def test_departments_are_those_of_runs_and_procedures(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 5, turns=20)
        await w.shown()
        every = await trail(w.ask, company.tenant, newest_first=False, limit=EVERY)
        found: list[int] = []
        for department in ("hr", "general-affairs"):
            found += await searched(w, company, TrailFilter(department=department), EVERY, up=True)
        assert sorted(found) == [e.seq for e in every if e.procedure_id]


@pytest.mark.parametrize("where", [TrailFilter(text="no such words"), TrailFilter(types=("run.rare",))])
async def test_a_search_looks_at_no_more_than_its_window(
    database: str, monkeypatch: pytest.MonkeyPatch, where: TrailFilter
) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 6, turns=20)
        await w.shown()
        looked: list[tuple[int, int]] = []
        between = t._between

        async def watched(*given: object) -> list[TrailRow]:
            looked.append((given[3], given[4]))  # type: ignore[arg-type]
            return await between(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(t, "_between", watched)
        await searched(w, company, where, 7, up=False)
        assert max(most - least + 1 for least, most in looked) == 7


async def test_an_entry_tells_what_its_command_did_and_what_came_before_and_after(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 7, turns=30)
        await w.shown()
        every = await trail(w.ask, company.tenant, newest_first=False, limit=EVERY)
        for entry in every:
            found = {other.seq for other in await related(w.ask, company.tenant, entry)}
            same = {e.seq for e in every if e.command_id == entry.command_id}
            beside = {
                e.seq for e in every if e.stream_id == entry.stream_id and abs(e.version - entry.version) == 1
            }
            assert found == (same | beside) - {entry.seq}


async def test_as_of_then_a_search_ends_where_the_log_did(database: str) -> None:
    async with world(database) as w:
        company = await runs_by_chance(w, 8, turns=20)
        then = company.at
        company.later(days=1)
        await company.do(RetireProcedure(await company.publish(PURCHASE)), reason="廃止")
        await w.shown()
        past = await search(w.ask, company.tenant, limit=EVERY, as_of=then)
        now = await search(w.ask, company.tenant, limit=EVERY, as_of=then + timedelta(days=2))
        assert past.last == max(e.seq for e in past.entries)
        assert now.last > past.last
