"""The checks after a crash notice what they are there for: each broken promise is planted once."""

import pytest
from psycopg import AsyncConnection

from commands.runs import Comment
from domain.ids import CommandId
from infra.ids import uuid7
from infra.read_store.live import Live
from projections.catalogue import PROJECTIONS
from tests.commands.desks import desks
from tests.faults.checking import check_all
from tests.faults.journal import Answer, Remembered
from tests.tampering import UNGUARD

LAST = "(SELECT max(position) FROM events)"
AGAIN = """
    INSERT INTO events
    SELECT position + 1, tenant_id, tenant_seq + 1, stream_id, version + 1, type, recorded_at, body, sha256(
        '\\x00'::bytea || log_leaf(body, recorded_at, tenant_seq + 1, tenant_id))
    FROM events ORDER BY position DESC LIMIT 1
"""
LEDGER_FOLLOWS = f"UPDATE commands SET last_position = {LAST}, last_seq = last_seq + 1 WHERE command_id = %(command)s"
BROKEN = {
    "an event is gone": f"DELETE FROM events WHERE position = {LAST} - 1",
    "the last event is gone": f"DELETE FROM events WHERE position = {LAST}",
    "a position was left out": f"UPDATE events SET position = position + 1 WHERE position = {LAST}",
    "time went backwards": f"UPDATE events SET recorded_at = '2020-01-01' WHERE position = {LAST}",
    "a body was changed": f"UPDATE events SET body = body || ' ' WHERE position = {LAST}",
    "the ledger forgot": "DELETE FROM commands WHERE command_id = %(command)s",
    "the ledger made something up": (
        "INSERT INTO commands SELECT tenant_id, gen_random_uuid(), '', 1, 1, now(), '' FROM commands LIMIT 1"
    ),
    "a command was carried out twice": f"{AGAIN}; {LEDGER_FOLLOWS}",
    "a row of a read model is wrong": "UPDATE progress.run_progress SET title = 'x'",
}


async def acknowledged(dsn: str) -> Remembered:
    """A comment, and its answer."""
    async with desks(dsn, 1) as [desk]:
        run, command = await desk.start_run(), CommandId(uuid7())
        receipt = await desk.do(Comment(run, None, command), command=command, repeatable=True)
    return Remembered({}, {command: Answer(receipt.version, receipt.position, receipt.events)})


async def test_a_sound_log_passes(database: str) -> None:
    remembered = await acknowledged(database)
    assert check_all(database, remembered) > 10


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_promise_is_noticed(database: str, fault: str) -> None:
    remembered = await acknowledged(database)
    [command] = remembered.heard
    with Live(database, PROJECTIONS) as live:
        while live.step():
            pass
    async with await AsyncConnection.connect(database) as connection:
        await connection.execute(UNGUARD)
        for statement in BROKEN[fault].split("; "):
            cursor = await connection.execute(statement.replace("%(command)s", f"'{command}'"))
            assert cursor.rowcount > 0
    with pytest.raises(AssertionError):
        check_all(database, remembered)


async def test_an_acknowledged_command_that_is_nowhere_is_noticed(database: str) -> None:
    remembered = await acknowledged(database)
    remembered.heard[uuid7()] = Answer(1, 1, 1)
    with pytest.raises(AssertionError, match="was acknowledged, but is not in the log"):
        check_all(database, remembered)
