"""The checkpointer signs by itself, in as many processes as one likes, and says so when it cannot."""

from pathlib import Path

import psycopg

from infra.evidence.alarms import alarms
from infra.ids import uuid7
from infra.settings import Settings, signing_key_of
from services.checkpointer import Checkpointer, checkpointing, sign_all
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.evidence.logs import fill, signer_connection, stored, superuser
from tests.tampering import UNGUARD


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, checkpoint_seconds=1)


def test_what_is_appended_is_signed_while_the_program_runs(database: str, tmp_path: Path) -> None:
    one, two = uuid7(), uuid7()
    fill(database, one, 3)
    with checkpointing(database, settings(tmp_path)), checkpointing(database, settings(tmp_path)):
        wait_until(lambda: [size for size, *_ in stored(database, one)] == [3])
        fill(database, two, 2)
        wait_until(lambda: [size for size, *_ in stored(database, two)] == [2])
    assert signing_key_of(settings(tmp_path)).stat().st_mode & 0o077 == 0


def test_a_checkpointer_whose_connections_are_cut_goes_on(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 1)
    with checkpointing(database, settings(tmp_path)) as checkpointer:
        wait_until(lambda: checkpointer.signed == 1)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        fill(database, tenant, 1)
        wait_until(lambda: checkpointer.signed == 2)
        assert checkpointer.failures >= 1


def test_a_log_that_does_not_go_on_raises_an_alarm(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 3)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        connection.execute("DELETE FROM events WHERE tenant_seq = 2")
    with checkpointing(database, settings(tmp_path)) as checkpointer, signer_connection(database) as connection:
        wait_until(lambda: len(alarms(connection)) == 1)
        [alarm] = alarms(connection)
        assert (alarm.tenant, alarm.kind, alarm.what) == (tenant, "log_not_signed", "sequence 2 is missing")
        assert (checkpointer.misfits, checkpointer.signed) == (1, 0)


def test_a_checkpointer_without_the_key_fails_and_makes_no_other(database: str, tmp_path: Path) -> None:
    fill(database, uuid7(), 1)
    assert sign_all(database, settings(tmp_path)).checkpoints == 1
    lost = Checkpointer(database, settings(tmp_path / "elsewhere"))
    lost.start()
    wait_until(lambda: lost.failures > 0)
    lost.stop()
    assert not signing_key_of(settings(tmp_path / "elsewhere")).exists()
