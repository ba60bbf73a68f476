"""The year of seats that `make demo-seats` prints: played by commands, counted as by hand, told with its reasons."""

import asyncio
from dataclasses import asdict
from io import StringIO

import pytest
from rich.console import Console

from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from queries.seat_ledger import month_bounds, seat_ledger
from services.bootstrap import read_side, write_side
from services.console.words import Lang
from services.demo.seat_story import ZONE, story
from services.demo.seat_year import END, FIRST, LAST, play, show_seat_year
from tests.queries import recount


async def test_every_month_of_the_year_is_a_recount(database: str) -> None:
    async with write_side(database) as write:
        tenant = await play(write.commands)
    with Live(database, PROJECTIONS) as live:
        while live.step():
            pass
    log = recount.raw_events(database, tenant)
    async with read_side(database) as read:
        months = await seat_ledger(read.ask, tenant, first=FIRST, last=LAST, time_zone=ZONE, at=END)
    assert len(months) == 12
    for month in months:
        naive = asdict(recount.month(log, *month_bounds(month.month, ZONE), END))
        assert {name: getattr(month, name) for name in naive} == naive


def printed(lang: Lang) -> str:
    told = StringIO()
    asyncio.run(show_seat_year(Console(file=told, width=200), lang))
    return told.getvalue()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("2024年4月", "席が足りないため", "への招待が期限切れになり", "スタンダード（50席）に変えました")),
        ("en", ("Apr 2024", "no seat", "ran out: the seat is free", "to Standard (50 seats)")),
    ],
)
def test_it_is_printed_with_every_reason(lang: Lang, words: tuple[str, ...]) -> None:
    told = printed(lang)
    assert [word for word in words if word not in told] == []
    assert [act.reason for act in story() if act.reason and act.reason not in told] == []
