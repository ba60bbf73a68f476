"""`ashiato verify` and `ashiato alarms`: what they print, how they end; no alarm is closed without a reason."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from domain.refusals import InvalidInput, ReasonMissing
from infra.ids import uuid7
from infra.settings import Settings, signing_key_of
from services.checkpointer import sign_all
from services.cli import app
from services.database import prepare
from services.lapsing import NotOneCompany
from tests.infra.evidence.logs import fill, stored, superuser
from tests.tampering import UNGUARD


class Console:
    """The command line on a database."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._environment = {"DATABASE_URL": dsn, "ASHIATO_DATA_DIR": str(folder), "COLUMNS": "300"}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words], env=self._environment)


@pytest.fixture
def ashiato(database: str, tmp_path: Path) -> Console:
    """A signed log of five events."""
    prepare(database)
    fill(database, uuid7(), 5)
    sign_all(database, Settings(data_dir=tmp_path))
    return Console(database, tmp_path)


def spoil(dsn: str) -> None:
    with superuser(dsn) as connection:
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET body = body || ' ' WHERE tenant_seq = 3")


def test_a_log_as_it_was_signed_passes(ashiato: Console) -> None:
    ended = ashiato("verify", "--workers", "1")
    assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (0, "all of it is what was signed")
    assert ashiato("alarms", "list").exit_code == 0


def test_the_first_bad_event_is_named_and_stays_an_alarm_until_it_is_closed(ashiato: Console, database: str) -> None:
    spoil(database)
    ended = ashiato("verify", "--workers", "1")
    assert ended.exit_code == 1
    assert "sequence 3: its body, time, sequence or company is not what was hashed" in ended.stdout
    listed = ashiato("alarms", "list")
    assert (listed.exit_code, "log_altered" in listed.stdout) == (1, True)
    assert "1 alarms about evidence are open: log_altered" in ashiato("doctor").stdout
    alarm = listed.stdout.split()[0]
    assert ashiato("alarms", "close", alarm, "--by", "Emi", "--reason", " ").exception is not None
    assert ashiato("alarms", "close", alarm, "--by", "Emi", "--reason", "戻した").exit_code == 0
    assert ashiato("alarms", "close", alarm, "--by", "Emi", "--reason", "again").exit_code == 1
    assert ashiato("alarms", "list").stdout == ""
    assert "closed" in ashiato("alarms", "list", "--all").stdout


def test_a_checkpoint_from_outside_is_compared(ashiato: Console, database: str, tmp_path: Path) -> None:
    with superuser(database) as connection:
        [(tenant,)] = connection.execute("SELECT DISTINCT tenant_id::text FROM events").fetchall()
    (tmp_path / "kept.note").write_text(stored(database, tenant)[0][2], encoding="utf-8")
    ended = ashiato("verify", "--workers", "1", "--checkpoint", str(tmp_path / "kept.note"))
    assert (ended.exit_code, "and 1 from outside compared" in ended.stdout) == (0, True)
    verifier = ashiato("keys", "list", "--tenant", tenant).stdout.split()[0]
    (tmp_path / "keys").write_text(verifier, encoding="utf-8")
    assert ashiato("verify", "--workers", "1", "--key", str(tmp_path / "keys")).exit_code == 0


def test_keys_are_changed_and_checkpoints_signed_on_demand(ashiato: Console, database: str, tmp_path: Path) -> None:
    before = signing_key_of(Settings(data_dir=tmp_path)).read_bytes()
    assert ashiato("keys", "change", "--reason", "毎年").exit_code == 0
    assert signing_key_of(Settings(data_dir=tmp_path)).read_bytes() != before
    assert len(ashiato("keys", "list").stdout.splitlines()) == 2
    fill(database, uuid7(), 2)
    assert "signed 1 checkpoints of 2 new events" in ashiato("checkpoint", "--once").stdout
    assert ashiato("verify", "--workers", "1").exit_code == 0


def test_who_may_only_sign_signs_and_nothing_else(ashiato: Console, database: str, tmp_path: Path) -> None:
    name = f"test_sealer_{uuid7()[-12:]}"
    with superuser(database) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'guess'; GRANT ashiato_signer TO {name}".encode())
    at = urlsplit(database)
    dsn = at._replace(netloc=f"{name}:guess@{at.hostname}:{at.port}").geturl()
    fill(database, uuid7(), 2)
    try:
        assert "signed 1 checkpoints of 2 new events" in Console(dsn, tmp_path)("checkpoint", "--once").stdout
        assert Console(dsn, tmp_path)("verify").exception is not None
    finally:
        with superuser(database) as connection:
            connection.execute(f"DROP ROLE {name}".encode())
    assert ashiato("verify", "--workers", "1").exit_code == 0


def test_a_webhook_into_our_own_network_or_of_nobody_is_refused(ashiato: Console) -> None:
    url, given = "https://audit.example/", ("--by", "Emi", "--reason", "監査")
    assert isinstance(
        ashiato("anchors", "webhook", uuid7(), "--url", "http://10.0.0.1/", *given).exception, InvalidInput
    )
    assert isinstance(ashiato("anchors", "webhook", uuid7(), "--url", url, *given).exception, NotOneCompany)
    nobody = ("--by", " ", "--reason", "監査")
    assert isinstance(ashiato("anchors", "webhook", uuid7(), "--url", url, *nobody).exception, ReasonMissing)
