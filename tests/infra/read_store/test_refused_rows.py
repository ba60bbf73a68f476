"""A row that PostgreSQL refuses parks the stream whose it is, as an event does that cannot be folded."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.errors import DiskFull, NumericValueOutOfRange, ProgramLimitExceeded, ReadOnlySqlTransaction

from infra.read_store.live import Fenced, Live, connect
from infra.read_store.rebuild import rebuild
from infra.read_store.refused import is_refusal
from infra.read_store.verify import verify
from projections.engine import Projection
from projections.progress import progress
from projections.trail import trail
from tests.infra.read_store.poison import follow, parked, streams, unstorable
from tests.infra.read_store.test_poison import ALL, lived, log, of_both_companies  # noqa: F401  # the log of these tests
from tests.projections.census import census
from tests.tampering import GUARD, UNGUARD

Spoil = Callable[[Any], None]


def put(name: str, value: object) -> Spoil:
    return partial(lambda row: setattr(row, name, value))


def to_the_end(live: Live) -> None:
    while live.step():
        pass


REFUSED: dict[str, tuple[Projection, Spoil, str]] = {
    "a number too large": (progress, put("total", 2**40), "NumericValueOutOfRange (SQLSTATE 22003)"),
    "a NUL": (progress, put("title", "人\0"), "UntranslatableCharacter (SQLSTATE 22P05)"),
    "nothing where something must be": (
        census,
        put("department", None),
        "NotNullViolation (SQLSTATE 23502 census census_step department)",
    ),
    "a NUL in a ledger": (trail, put("new", {"title": "\0"}), "UntranslatableCharacter (SQLSTATE 22P05)"),
    "an entry that is there": (trail, put("seq", 1), "UniqueViolation (SQLSTATE 23505 trail trail_entry"),
    "what no column can be made of": (trail, put("version", 2**40), "error at "),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("batch", [7, 10_000])
def test_streams_whose_rows_are_refused_wait_and_a_retry_leaves_what_a_rebuild_makes(
    log: str, case: str, batch: int  # noqa: F811
) -> None:
    projection, spoil, error = REFUSED[case]
    one, other = of_both_companies(streams(log, projection))
    with unstorable(projection, {one.positions[4], one.positions[-1], other.positions[2]}, spoil):
        follow(log, *ALL, batch=batch)
        expected = sorted([(one.positions[4], one.id), (other.positions[2], other.id)])
        found = parked(log, projection)
        assert [(waits.position, waits.stream) for waits in found] == expected
        assert found[0].error.startswith(error)
        with Live(log, ALL) as live:
            assert live.retry() == 0
        assert [waits.tries for waits in parked(log, projection)] == [3, 3]
    assert verify(log, [each for each in ALL if each is not projection], workers=1) == []
    with Live(log, ALL):
        assert parked(log, projection) == []
    assert verify(log, ALL, workers=1) == []


def test_an_event_of_the_log_whose_text_no_column_can_hold_parks_its_stream(log: str) -> None:  # noqa: F811
    one = streams(log, progress)[0]
    position = one.positions[0]
    with psycopg.connect(log, autocommit=True) as connection:
        connection.execute(UNGUARD)
        [body] = connection.execute("SELECT body FROM events WHERE position = %s", (position,)).fetchone() or [b""]
        spoilt = body.replace(b'"title":"', b'"title":"\\u0000')
        assert spoilt != body
        connection.execute("UPDATE events SET body = %s WHERE position = %s", (spoilt, position))
        try:
            follow(log, *ALL)
            [waits] = parked(log, progress)
            assert (waits.stream, waits.position) == (one.id, position)
            with pytest.raises(psycopg.DataError):
                rebuild(log, [progress], workers=1)
        finally:
            connection.execute("UPDATE events SET body = %s WHERE position = %s", (body, position))
            connection.execute(GUARD)
    with Live(log, ALL):
        pass
    assert [parked(log, each) for each in ALL] == [[], [], []]
    assert verify(log, ALL, workers=1) == []


def test_a_zombie_that_is_refused_is_fenced_off_and_parks_nothing(log: str) -> None:  # noqa: F811
    with Live(log, [trail], batch=50) as zombie:
        zombie.step()
        zombie.flush()
        follow(log, trail)
        with pytest.raises(Fenced):
            to_the_end(zombie)
    assert parked(log, trail) == []
    assert verify(log, [trail], workers=1) == []


def test_a_database_that_does_not_answer_parks_nothing(log: str) -> None:  # noqa: F811
    one = streams(log, progress)[0]
    with unstorable(progress, {one.positions[4]}, put("total", 2**40)), Live(log, ALL, batch=10_000) as live:
        live.step()
        with psycopg.connect(log, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (live._writing.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            live.flush()
        assert parked(log, progress) == []
    with connect(log) as connection:
        assert connection.execute("SELECT max(position) FROM projections").fetchone() == (0,)


def test_only_what_rows_hold_is_a_refusal_of_rows() -> None:
    refused = (NumericValueOutOfRange(), ProgramLimitExceeded(), psycopg.DataError("a NUL"), OverflowError())
    at_fault = (DiskFull(), ReadOnlySqlTransaction(), psycopg.OperationalError("gone"), Fenced(), MemoryError())
    assert [is_refusal(error) for error in (*refused, *at_fault)] == [True] * 4 + [False] * 5
