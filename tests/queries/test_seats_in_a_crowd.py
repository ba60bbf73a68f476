"""Never over the limit, and the ledger is a recount, whatever 64 clients of two processes do at the same time.

`make crowd-seats` does the same for longer, with another history each time.
"""

import os
from dataclasses import asdict
from datetime import timedelta
from random import Random, SystemRandom

import pytest

from infra.read_store.live import Live
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from projections.seats import seats
from queries.asking import Ask
from queries.seat_ledger import month_bounds, seat_ledger
from queries.seats import seat_usage
from services.bootstrap import read_side
from tests.queries import recount
from tests.queries.crowd import CLIENTS, Crowd, rush
from tests.queries.recount import TICK, Raw, raw_events

LONG = "ASHIATO_CROWD_TURNS" in os.environ
TURNS = int(os.environ.get("ASHIATO_CROWD_TURNS", "8"))
SEEDS = [SystemRandom().randrange(2**32)] if LONG else [1, 2]
ZONE = "Asia/Tokyo"


@pytest.mark.parametrize("seed", SEEDS)
async def test_64_clients_never_hold_more_seats_than_there_are_and_the_ledger_is_a_recount(
    database: str, seed: int
) -> None:
    crowd = await rush(database, seed, TURNS)
    log = [row for row in raw_events(database, crowd.tenant) if row.type.startswith("tenant.")]
    check_that_it_was_crowded(crowd, log)
    check_limit(log)
    with Live(database, PROJECTIONS) as live:
        while live.step():
            pass
    async with read_side(database) as read:
        await check_usage(read.ask, crowd, log, Random(seed))
        await check_months(read.ask, crowd, log, Random(seed))
    assert verify(database, [seats]) == []


def check_that_it_was_crowded(crowd: Crowd, log: list[Raw]) -> None:
    """Everything was tried, and everything was granted to some and refused to others."""
    assert crowd.outcomes.total() == CLIENTS * TURNS + 2
    for outcome in ("invite_member", "accept_invitation", "seat_limit_reached", "invitation_not_open"):
        assert crowd.outcomes[outcome], (outcome, crowd.outcomes)
    assert any(row.type == "tenant.invitation_expired" for row in log)


def check_limit(log: list[Raw]) -> None:
    """At every instant, just before it, and after every single event."""
    for at in recount.instants(log):
        for instant in (at - TICK, at):
            most = recount.limit(log, instant)
            assert most is None or len(recount.holders(log, instant)) <= most, instant
    for row in log:
        most = recount.limit(log, row.at, row.seq)
        assert most is None or len(recount.holders(log, row.at, row.seq)) <= most, row


async def check_usage(ask: Ask, crowd: Crowd, log: list[Raw], chance: Random) -> None:
    """At instants, and as of sequences."""
    chosen = [at for at in chance.sample(recount.instants(log), 20) if at > log[0].at]
    for at in (*chosen, *(at - TICK for at in chosen), log[-1].at):
        usage, held = await seat_usage(ask, crowd.tenant, at=at), recount.holders(log, at)
        assert usage is not None
        invited = sum(kind == "invited" for kind in held.values())
        assert (usage.held, usage.invited, usage.limit) == (len(held), invited, recount.limit(log, at)), at
    for row in chance.sample(log, 10):
        usage = await seat_usage(ask, crowd.tenant, at=row.at, as_of=row.seq)
        assert usage is not None
        assert usage.held == len(recount.holders(log, row.at, row.seq)), row


async def check_months(ask: Ask, crowd: Crowd, log: list[Raw], chance: Random) -> None:
    """Peaks, seat-days and the rest, in the middle and at the end."""
    for at in (chance.choice(recount.instants(log)), log[-1].at + timedelta(minutes=1)):
        first, last = log[0].at.date() - timedelta(days=31), at.date() + timedelta(days=1)
        for month in await seat_ledger(
            ask, crowd.tenant, first=first, last=last, time_zone=ZONE, at=at
        ):
            naive = asdict(recount.month(log, *month_bounds(month.month, ZONE), at))
            assert {name: getattr(month, name) for name in naive} == naive, at
