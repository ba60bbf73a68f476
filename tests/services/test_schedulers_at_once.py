"""Schedulers in processes of their own: run at once, killed, woken, cut off from the database."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from domain.ids import MemberId, TenantId
from domain.tenants import events as e
from infra.event_store.codec import decode_event
from infra.ids import uuid7
from infra.read_store.live import Live, connect, ensure
from projections.catalogue import PROJECTIONS
from services.bootstrap import write_side
from services.projector import Projector
from services.scheduler import LONGEST_SLEEP
from services.scheduler import scheduling as running_scheduler
from tests.commands.desks import given
from tests.infra.embedded_postgres.servers import wait_until
from tests.queries.playing import TOKEN
from tests.services.commanding import Running


async def overdue(dsn: str, companies: int, each: int) -> None:
    """Companies without a limit of seats, whose invitations have expired unnoticed."""
    past = datetime(2026, 1, 1, tzinfo=UTC)
    async with write_side(dsn) as write:
        for _ in range(companies):
            tenant, owner = TenantId(uuid7()), MemberId(uuid7())
            invited = [
                e.MemberInvited(MemberId(uuid7()), "member", None, past, TOKEN, f"人{n}", f"p{n}@a.example")
                for n in range(each)
            ]
            opened = (
                e.TenantSignedUp("株式会社あしあと", "Asia/Tokyo"),
                e.TrialStarted(past, 50),
                e.MemberJoined(owner, "owner", None, "笑", "emi@a.example"),
                e.PlanChosen(None, "enterprise", None, 100_000),
            )
            await given(write, tenant, tenant, [*opened, *invited])
    with Live(dsn, PROJECTIONS) as live:
        while live.step():
            pass


def expired(dsn: str) -> Counter[str]:
    """How often each member's invitation is noted as expired."""
    with psycopg.connect(dsn) as asked:
        bodies = asked.execute("SELECT body FROM events WHERE type = 'tenant.invitation_expired'").fetchall()
    return Counter(decode_event(body).member for (body,) in bodies)


def test_processes_that_run_at_once_and_are_killed_do_each_thing_once(database: str) -> None:
    asyncio.run(overdue(database, companies=10, each=60))
    with Running("schedule", DATABASE_URL=database) as first, Running("schedule", DATABASE_URL=database) as second:
        wait_until(lambda: len(expired(database)) > 20)
        first.process.kill()
        second.process.kill()
    with Running("schedule", DATABASE_URL=database) as third:
        wait_until(lambda: len(expired(database)) == 600)
        third.process.terminate()
        assert "stopped" in third.rest()
        assert third.process.wait() == 0
    assert set(expired(database).values()) == {1}


async def test_what_is_written_meanwhile_wakes_it(database: str) -> None:
    projector = Projector(database, PROJECTIONS)
    projector.start()
    async with write_side(database) as write, running_scheduler(database, write.commands) as running:
        await until(lambda: running.idle_seconds is not None)
        await asyncio.to_thread(asyncio.run, overdue(database, companies=1, each=1))
        await until(lambda: running.carried_out == 1)
    projector.stop()


async def test_a_database_that_cuts_its_connections_is_come_back_to(database: str) -> None:
    with connect(database) as prepared:
        ensure(prepared, PROJECTIONS)
    async with write_side(database) as write, running_scheduler(database, write.commands) as running:
        await until(lambda: running.idle_seconds is not None)
        with psycopg.connect(database, autocommit=True) as asked:
            asked.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%deadline%' "
                "AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        await until(lambda: running.failures == 1)
        await asyncio.to_thread(asyncio.run, overdue(database, companies=1, each=1))
        await until(lambda: running.carried_out == 1)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, less long than a scheduler sleeps that nobody wakes."""
    async with asyncio.timeout(LONGEST_SLEEP * 0.8):
        while not condition():  # noqa: ASYNC110  # the condition is another part of the program
            await asyncio.sleep(0.02)
