"""Times never go backwards along the log, whatever clock they come from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from infra.ids import uuid7
from tests.infra.event_store.appending import append, log, writes
from tests.tampering import UNGUARD

Connection = psycopg.Connection[Any]
LONG_AGO = datetime(2024, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_time_is_the_servers(connection: Connection) -> None:
    before = connection.execute("SELECT clock_timestamp()").fetchone()
    [answer] = append(connection, writes(uuid7()))
    after = connection.execute("SELECT clock_timestamp()").fetchone()
    assert before is not None
    assert after is not None
    assert before[0] <= answer.recorded_at <= after[0]
    assert log(connection)[0].recorded_at == answer.recorded_at


def test_a_clock_that_was_put_back_repeats_the_last_time(connection: Connection) -> None:
    append(connection, writes(uuid7()))
    connection.execute(UNGUARD)
    connection.execute("UPDATE events SET recorded_at = recorded_at + interval '1 hour'")
    [answer] = append(connection, writes(uuid7()))
    assert answer.recorded_at == log(connection)[0].recorded_at


def test_a_simulated_time_is_kept(connection: Connection) -> None:
    answers = append(connection, writes(uuid7()), writes(uuid7()), at=[LONG_AGO, LONG_AGO + HOUR])
    assert [answer.recorded_at for answer in answers] == [LONG_AGO, LONG_AGO + HOUR]


def test_simulated_times_of_a_batch_do_not_go_back(connection: Connection) -> None:
    append(connection, writes(uuid7()), writes(uuid7()), at=[LONG_AGO + HOUR, LONG_AGO])
    assert [row.recorded_at for row in log(connection)] == [LONG_AGO + HOUR, LONG_AGO + HOUR]


def test_a_simulated_time_before_the_last_event_is_refused(connection: Connection) -> None:
    append(connection, writes(uuid7()), at=[LONG_AGO])
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="expected simulated times"):
        append(connection, writes(uuid7()), at=[LONG_AGO - HOUR])


def test_a_simulated_time_in_the_future_is_refused(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="expected simulated times"):
        append(connection, writes(uuid7()), at=[datetime.now(UTC) + HOUR])


def test_one_on_a_simulated_clock_and_one_on_the_real_each_keep_theirs(connection: Connection) -> None:
    simulated, real = append(connection, writes(uuid7()), writes(uuid7()), at=[LONG_AGO, None])
    assert simulated.recorded_at == LONG_AGO
    assert real.recorded_at > LONG_AGO + HOUR


def test_a_simulated_command_sent_again_gets_its_first_answer(connection: Connection) -> None:
    early, late = writes(uuid7()), writes(uuid7())
    first = append(connection, early, late, at=[LONG_AGO, LONG_AGO + HOUR])
    again = append(connection, early, late, at=[LONG_AGO, LONG_AGO + HOUR])
    assert [answer.verdict for answer in again] == ["duplicate", "duplicate"]
    assert [answer.recorded_at for answer in again] == [answer.recorded_at for answer in first]
