"""How far the read models are, without reading the log for it."""

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from infra.read_store.live import Live, connect, ensure
from infra.read_store.waiting import HEAD, POSITIONS, STANDSTILL, Positions
from projections.catalogue import PROJECTIONS
from tests.infra.event_store.appending import append, writes
from tests.tampering import UNGUARD

READS = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'events'"
NAMES = {projection.name for projection in PROJECTIONS}


@pytest.fixture
def filled(database: str) -> str:
    """A log of some events that no read model knows, recorded just now."""
    with connect(database) as connection:
        ensure(connection, PROJECTIONS)
    with psycopg.connect(database, autocommit=True) as connection:
        append(connection, *(writes(uuid7(), count=3) for _ in range(1_500)))
        connection.execute("VACUUM (ANALYZE) events, projections")
    return database


@pytest_asyncio.fixture
async def positions(filled: str) -> AsyncIterator[Positions]:
    pool = reading_pool(filled)
    await pool.open()
    yield Positions(pool)
    await pool.close()


@pytest.mark.parametrize("question", [HEAD, POSITIONS, STANDSTILL], ids=["head", "positions", "standstill"])
def test_looking_at_positions_does_not_read_the_log(filled: str, question: str) -> None:
    with psycopg.connect(filled) as connection:
        assert connection.execute(question.encode()).fetchall()
        [(scans,)] = connection.execute(READS).fetchall()
    assert scans == 0


async def test_the_head_is_the_last_position(positions: Positions) -> None:
    assert await positions.head() == 4_500


async def test_an_empty_log_has_its_head_at_zero(database: str) -> None:
    pool = reading_pool(database)
    await pool.open()
    assert await Positions(pool).head() == 0
    await pool.close()


async def test_an_event_left_lying_is_told_by_how_long_it_lies(filled: str, positions: Positions) -> None:
    fresh = await positions.standstill()
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute("UPDATE projections SET moved_at = now() - interval '2 hours'")
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET recorded_at = recorded_at - interval '1 hour'")
    lying = await positions.standstill()
    assert (set(fresh), set(lying)) == (NAMES, NAMES)
    assert max(fresh.values()) < 60
    assert all(3_600 <= seconds < 3_660 for seconds in lying.values())


async def test_who_is_through_leaves_nothing_lying(database: str) -> None:
    with Live(database, PROJECTIONS) as live:
        while live.step():
            pass
    pool = reading_pool(database)
    await pool.open()
    assert await Positions(pool).standstill() == {}
    await pool.close()
