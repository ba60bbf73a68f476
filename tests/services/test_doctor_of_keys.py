"""The doctor finds keys that are missing, spoilt, or there of who was erased; and names ids, never people."""

from typing import Any

import psycopg
import pytest

from infra.evidence.alarms import alarms
from infra.read_store.live import connect
from services.doctor import examine
from services.doctor_of_keys import Keys, Seen
from tests.infra.evidence.logs import signer_connection
from tests.services.api.test_erasing import WHY, somebody, told_of
from tests.services.api.world import world
from tests.services.test_doctor import bad

EVENTS = "SELECT tenant_id::text, tenant_seq, stream_id::text, version, type, body FROM events ORDER BY position"
KEYS = "SELECT tenant_id, subject_id, wrapped FROM data_keys WHERE subject_id IN (%s, %s)"
PUT = "INSERT INTO data_keys (tenant_id, subject_id, wrapped) VALUES (%s, %s, %s)"
DELETED = "DELETE FROM data_keys WHERE subject_id = %(run)s"
ANOTHERS = """
    UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE subject_id = %(member)s)
    WHERE subject_id = %(run)s
"""
OF_ANOTHER_MASTER = "UPDATE data_keys SET wrapped = 'none' || wrapped WHERE subject_id = %(run)s"


def alarmed(dsn: str) -> dict[str, tuple[int, str]]:
    """Open alarms by their kind."""
    with signer_connection(dsn) as connection:
        return {one.kind: (one.seq, one.what) for one in alarms(connection)}


def first_seq(dsn: str, stream: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT min(tenant_seq) FROM events WHERE stream_id = %s", (stream,)).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize(
    ("deed", "what"),
    [(DELETED, "is missing"), (ANOTHERS, "does not open"), (OF_ANOTHER_MASTER, "does not open")],
    ids=["deleted", "another's", "of-another-master"],
)
async def test_a_key_that_is_lost_without_an_erasure_is_an_alarm(database: str, deed: str, what: str) -> None:
    async with world(database) as api:
        person, run = await somebody(api, await api.company())
    assert bad(examine(database)) == []
    with psycopg.connect(database) as connection:
        connection.execute(deed.encode(), {"run": run, "member": person.id})
    found = bad(examine(database))
    assert len(found) == 2  # the other one says that there are alarms
    assert f"event {first_seq(database, run)}: the key of {run} {what}" in found[0]
    assert "back from a backup" in found[0]
    seq, said = alarmed(database)["key_lost"]
    assert (seq, run in said) == (first_seq(database, run), True)
    assert told_of("\n".join([*found, said])) == []


async def test_a_key_that_an_erasure_destroyed_is_an_alarm_only_when_it_comes_back(database: str) -> None:
    async with world(database) as api:
        acme = await api.company()
        person, run = await somebody(api, acme)
        with psycopg.connect(database) as connection:
            keys: Any = connection.execute(KEYS, (person.id, run)).fetchall()
        await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
        await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    assert bad(examine(database)) == []
    assert alarmed(database) == {}
    with psycopg.connect(database) as connection:
        for key in keys:
            connection.execute(PUT, key)
    found, _ = bad(examine(database))
    assert "2 keys are there of who was erased" in found
    assert person.id in found
    assert f"the key of {run} is there" in found
    assert "ashiato erasures apply" in found
    assert set(alarmed(database)) == {"key_kept"}
    assert told_of(found) == []


async def test_who_is_erased_while_the_doctor_looks_has_lost_no_key(database: str) -> None:
    async with world(database) as api:
        acme = await api.company()
        person, run = await somebody(api, acme)
        with connect(database) as connection:
            keys, before = Keys(connection), [Seen(*row) for row in connection.execute(EVENTS)]
            await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
            keys.see(before)
            assert [one.well for one in keys.findings(database)] == [True, True]
    assert alarmed(database) == {}
