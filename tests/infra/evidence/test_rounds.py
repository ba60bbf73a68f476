"""Rounds of checkpoints: every root is that of the stored events; a log that does not go on is not signed."""

from pathlib import Path

import pytest
from psycopg import errors

from domain.evidence.notes import is_signed_by, read_checkpoint, read_note
from infra.evidence import rounds
from infra.evidence.keyring import keys
from infra.evidence.keys import verify
from infra.evidence.rounds import sign_round
from infra.ids import uuid7
from tests.domain.evidence.naive import mth
from tests.infra.evidence.logs import NAME, fill, leaves, sign, signer_connection, stored, superuser
from tests.tampering import UNGUARD


def test_every_tenant_gets_a_signed_checkpoint_of_its_events(database: str, tmp_path: Path) -> None:
    one, two = uuid7(), uuid7()
    fill(database, one, 300)
    fill(database, two, 5)
    assert sign(database, tmp_path).checkpoints == 2
    with signer_connection(database) as connection:
        [key] = keys(connection)
    for tenant, count in ((one, 300), (two, 5)):
        [(size, root, note)] = stored(database, tenant)
        checkpoint = read_checkpoint(read_note(note).text)
        assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (f"{NAME}/{tenant}", size, root)
        assert (size, root) == (count, mth(leaves(database, tenant)))
        assert is_signed_by(read_note(note), key.verifier(tenant), verify)


def test_a_round_goes_on_where_the_last_one_ended(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "AT_ONCE", 100)
    tenant, other = uuid7(), uuid7()
    for more in (1, 254, 2, 300):
        fill(database, tenant, more)
        fill(database, other, 1)
        sign(database, tmp_path)
    hashed = leaves(database, tenant)
    assert [size for size, *_ in stored(database, tenant)][-1] == 557
    for size, root, _ in stored(database, tenant):
        assert root == mth(hashed[:size])


def test_a_round_without_new_events_signs_nothing(database: str, tmp_path: Path) -> None:
    fill(database, uuid7(), 3)
    assert sign(database, tmp_path).checkpoints == 1
    assert sign(database, tmp_path).checkpoints == 0


def test_nobody_takes_a_turn_while_another_is_at_it_or_has_just_been(database: str, tmp_path: Path) -> None:
    fill(database, uuid7(), 3)
    sign(database, tmp_path)
    with signer_connection(database) as one, signer_connection(database) as two:
        assert sign_round(one, NAME, [], every=3600) is None
        with one.transaction():
            one.execute("SELECT FROM checkpointing FOR UPDATE")
            assert sign_round(two, NAME, []) is None


def test_who_signs_sees_no_event_and_writes_none(database: str) -> None:
    fill(database, uuid7(), 1)
    with signer_connection(database) as connection:
        for deed in ("SELECT body FROM events", "DELETE FROM events", "INSERT INTO events SELECT * FROM events"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(deed.encode())
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT append(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)")


@pytest.mark.parametrize("table", ["checkpoints", "merkle_nodes", "signing_keys"])
@pytest.mark.parametrize("replica", [False, True], ids=["as ever", "as a replica"])
def test_nobody_changes_what_was_signed(database: str, tmp_path: Path, table: str, replica: bool) -> None:
    fill(database, uuid7(), 256)
    sign(database, tmp_path)
    with superuser(database) as connection:
        if replica:
            connection.execute("SET session_replication_role = replica")
        for deed in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(errors.InsufficientPrivilege, match="to be added to only"):
                connection.execute(deed.encode())


def test_a_missing_event_is_not_signed_over_and_holds_nobody_else_up(database: str, tmp_path: Path) -> None:
    tenant, other = uuid7(), uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    fill(database, tenant, 3)
    fill(database, other, 3)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        taken = connection.execute(
            "DELETE FROM events WHERE tenant_id = %s AND tenant_seq = 7 RETURNING *", (tenant,)
        ).fetchone()
    done = sign(database, tmp_path)
    assert [(one.tenant, one.size, one.what) for one in done.misfits] == [(tenant, 5, "sequence 7 is missing")]
    assert [size for size, *_ in stored(database, other)] == [3]
    with superuser(database) as connection:
        connection.execute("INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", taken)
    fill(database, tenant, 1)
    assert sign(database, tmp_path).misfits == ()
    assert [size for size, *_ in stored(database, tenant)] == [5, 9]


def test_hashes_of_other_lengths_are_not_signed_though_together_they_are_as_long(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 4)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        cut = "UPDATE events SET leaf_hash = substr(leaf_hash, 1, 31) WHERE tenant_seq = 2"
        connection.execute(cut.encode())
        connection.execute("UPDATE events SET leaf_hash = leaf_hash || '\\x00'::bytea WHERE tenant_seq = 3")
    [misfit] = sign(database, tmp_path).misfits
    assert misfit.what == "sequence 2 has no hash"


def test_a_log_that_was_cut_off_is_not_signed(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        connection.execute("DELETE FROM events WHERE tenant_seq > 2")
        connection.execute("UPDATE checkpointing SET position = 2")
    fill(database, tenant, 2)
    [misfit] = sign(database, tmp_path).misfits
    assert misfit.what == "sequence 3 was appended again, behind the last checkpoint"
