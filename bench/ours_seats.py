"""The seat ledger of a company with 100,000 seat events in a year: its twelve months, and a page of its entries."""

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from random import Random
from statistics import median, quantiles

import psycopg
import uvloop

from bench.harness import Figures
from bench.server import database, settle
from bench.workload import serial
from domain.events import Event
from domain.ids import MemberId, TenantId
from domain.tenants import events as e
from infra.event_store.codec import encode
from infra.ids import uuid7, uuid7_at
from infra.migrations import migrate
from infra.read_store.asking import Asking, reading_pool
from infra.read_store.live import Live
from infra.read_store.past import past_connections
from projections.catalogue import PROJECTIONS
from queries.seat_entries import seat_entries
from queries.seat_ledger import seat_ledger
from queries.seats import seat_usage

EVENTS = 100_000
ZONE = "Asia/Tokyo"
START = datetime(2024, 12, 31, 15, tzinfo=UTC)
"""The first instant of 2025 in Tokyo."""
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 1)
YEAR = timedelta(days=365)
ROWS = """
    COPY events (position, tenant_id, tenant_seq, stream_id, version, type, recorded_at, body, leaf_hash)
    FROM STDIN
"""
ASKED = 200

Timed = tuple[Event, datetime]


class Year:
    """The read models of that year, made live; shared by all rounds."""

    def __init__(self, dsn: str) -> None:
        """The log and its read models, made once a server."""
        self._dsn, self._tenant, self.projected = _year(dsn)

    def measure(self, seconds: float) -> Figures:
        """Milliseconds: medians and 99th percentiles of months, a page, and a month of then; `live` in events/s."""
        return {**uvloop.run(self._ask()), "live": self.projected}

    def close(self) -> None:
        """The database goes with the server."""

    async def _ask(self) -> Figures:
        past = past_connections(self._dsn)
        past.open()
        end, chance = START + YEAR, Random(7)
        async with reading_pool(self._dsn) as connections:
            ask = Asking(connections, past)

            async def months(at: datetime = end, as_of: int | None = None) -> None:
                span = {"first": FIRST, "last": LAST, "time_zone": ZONE, "at": at, "as_of": as_of}
                if len(await seat_ledger(ask, self._tenant, **span)) != 12:  # type: ignore[arg-type]
                    raise ValueError("expected twelve months")

            async def page() -> None:
                since = START + YEAR * chance.random() * 0.99
                if not await seat_entries(ask, self._tenant, at=end, since=since):
                    raise ValueError("expected entries")

            async def instant() -> None:
                await seat_usage(ask, self._tenant, at=START + YEAR * chance.random())

            async def then() -> None:
                await months(end, EVENTS - chance.randrange(500))

            found: dict[str, float] = {}
            for name, question in {"months": months, "page": page, "instant": instant, "then": then}.items():
                times = sorted([await _timed(question) for _ in range(ASKED)])
                found |= {f"{name}_ms": median(times), f"{name}_p99_ms": quantiles(times, n=100)[-1]}
        past.close()
        return found


async def _timed(question: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await question()
    return (time.perf_counter() - started) * 1e3


@cache
def _year(dsn: str) -> tuple[str, TenantId, float]:
    own, tenant = database(dsn, f"bench_seats_{next(serial)}"), TenantId(uuid7())
    migrate(own)
    _log(own, tenant)
    settle(own)
    started = time.perf_counter()
    with Live(own, PROJECTIONS) as live:
        while live.step():
            pass
    rate = EVENTS / (time.perf_counter() - started)
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return own, tenant, rate


def _log(dsn: str, tenant: TenantId) -> None:
    """The events as rows: commands on a company of 40,000 people would take an hour."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor, cursor.copy(ROWS) as rows:
        for seq, (event, at) in enumerate(history(), 1):
            command = uuid7()
            body = encode(event, tenant, seq, actor=None, command=command, correlation=command, reason="異動")
            rows.write_row((seq, tenant, seq, tenant, seq, type(event).type, at, body, sha256(body).digest()))


def history() -> Iterator[Timed]:
    """A year's seat events, evenly spread: people are invited, join or do not, leave and return."""
    chance = Random(1)
    yield e.TenantSignedUp("席の多い会社", ZONE), START
    yield e.TrialStarted(START + timedelta(days=15), 50), START
    yield e.PlanChosen(None, "enterprise", None, 100_000), START
    yield e.MemberJoined(_member(START, chance), "owner", None, "愛子", "aiko@people.example"), START
    invited: list[tuple[MemberId, datetime]] = []
    here: list[MemberId] = []
    away: list[MemberId] = []
    for number in range(4, EVENTS):
        at = START + YEAR * (number / EVENTS)
        yield _one(at, chance, invited, here, away), at


def _one(
    at: datetime,
    chance: Random,
    invited: list[tuple[MemberId, datetime]],
    here: list[MemberId],
    away: list[MemberId],
) -> Event:
    """A person is invited; an invitation is accepted or noted as expired; somebody leaves or comes back."""
    dice = chance.random()
    if invited and invited[0][1] <= at:
        return e.InvitationExpired(invited.pop(0)[0])
    if invited and dice < 0.3:
        here.append(invited.pop(chance.randrange(len(invited)))[0])
        return e.InvitationAccepted(here[-1])
    if here and dice < 0.55:
        away.append(here.pop(chance.randrange(len(here))))
        return e.MemberDeactivated(away[-1])
    if away and dice < 0.65:
        here.append(away.pop(chance.randrange(len(away))))
        return e.MemberReactivated(here[-1])
    ends = at + timedelta(days=7)
    member = _member(at, chance)
    invited.append((member, ends))
    return e.MemberInvited(member, "member", None, ends, "7" * 64, "社員", f"{member}@people.example")


def _member(at: datetime, chance: Random) -> MemberId:
    return MemberId(uuid7_at(int(at.timestamp() * 1000), chance.randbytes(10)))
