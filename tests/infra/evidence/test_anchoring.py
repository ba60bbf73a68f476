"""Checkpoints outside: in a folder that is written once, at the company's address, at a timestamp authority."""

from pathlib import Path
from shutil import which
from subprocess import run

import pytest

from infra.evidence.addresses import AddressRefused, check_form, pinned
from infra.evidence.alarms import alarms
from infra.evidence.anchoring import unanchored
from infra.ids import uuid7
from infra.settings import Settings
from services.anchorer import AN_ALARM_AFTER, Anchorer, Rest, anchored
from services.verifying import verify
from tests.infra.embedded_postgres.servers import wait_until
from tests.infra.evidence.authority import authority
from tests.infra.evidence.listening import listening
from tests.infra.evidence.logs import Reading, fill, sign, signer_connection, stored, superuser


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    """An empty folder for anchors."""
    (tmp_path / "anchors").mkdir()
    return tmp_path / "anchors"


def once(dsn: str, settings: Settings) -> Anchorer:
    """One look, whatever rested before."""
    anchorer = Anchorer(dsn, settings)
    with signer_connection(dsn) as connection:
        anchorer.once(connection)
    return anchorer


def webhook_is(dsn: str, tenant: str, url: str | None) -> None:
    """Where a company's checkpoints go, as its event would have it."""
    with superuser(dsn) as connection:
        connection.execute(
            "INSERT INTO anchor_webhooks (tenant_id, url, set_by, reason) VALUES (%s, %s, '', '')", (tenant, url)
        )


def test_a_folder_holds_each_companys_newest_checkpoint_read_only(database: str, tmp_path: Path, anchors: Path) -> None:
    tenants = [uuid7(), uuid7()]
    for tenant in tenants:
        fill(database, tenant, 5)
    sign(database, tmp_path)
    assert once(database, Settings(anchor_folder=anchors)).anchored == 2
    assert once(database, Settings(anchor_folder=anchors)).anchored == 0
    fill(database, tenants[0], 5)
    sign(database, tmp_path)
    assert once(database, Settings(anchor_folder=anchors)).anchored == 1
    files = sorted(anchors.rglob("*.note"))
    assert sorted(file.parent.name for file in files) == sorted([*tenants, tenants[0]])
    assert {file.stat().st_mode & 0o777 for file in files} == {0o444}
    assert [path.name for path in anchors.rglob("*") if path.is_file() and path not in files] == []
    assert verify(database, anchors=[anchors], workers=1).outside == 3


def test_another_checkpoint_of_a_size_that_is_there_raises_an_alarm(
    database: str, tmp_path: Path, anchors: Path
) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    settings = Settings(anchor_folder=anchors)
    once(database, settings)
    with superuser(database) as connection:
        for table in ("events", "checkpoints", "anchors"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_changed".encode())
        connection.execute("UPDATE events SET leaf_hash = sha256(body)")
        connection.execute("DELETE FROM checkpoints; DELETE FROM anchors; UPDATE checkpointing SET position = 0")
    sign(database, tmp_path)
    once(database, settings)
    with signer_connection(database) as connection:
        assert [(one.tenant, one.kind, one.seq) for one in alarms(connection)] == [(tenant, "anchor_differs", 5)]


def test_a_checkpoint_signed_again_by_two_keys_is_the_same_one(database: str, tmp_path: Path, anchors: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    file = anchors / tenant / f"{5:012}.note"
    file.parent.mkdir()
    file.write_text(stored(database, tenant)[0][2] + "\u2014 other AAAAAAAA\n", encoding="utf-8")
    assert once(database, Settings(anchor_folder=anchors)).failures == 0


def test_a_webhook_gets_the_signed_note_and_is_tried_again(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    statuses = [500, 302, 200]
    with listening(lambda _: (statuses.pop(0), b"")) as heard:
        settings = Settings(webhook_hosts=("127.0.0.1",))
        with signer_connection(database) as connection:
            webhook_is(database, tenant, heard.url)
            anchorer = Anchorer(database, settings)
            for expected in (0, 0, 1, 1):
                anchorer._rests.clear()
                anchorer.once(connection)
                assert anchorer.anchored == expected
            webhook_is(database, tenant, None)
            fill(database, tenant, 1)
            sign(database, tmp_path)
            anchorer.once(connection)
    [(headers, body)] = [heard.requests[-1]]
    assert len(heard.requests) == 3
    assert body.decode() == stored(database, tenant)[0][2]
    assert (headers["ashiato-checkpoint"], headers["content-type"]) == ("5", "text/plain; charset=utf-8")


def test_a_target_that_failed_rests_and_raises_an_alarm_after_a_few_times(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    with listening(lambda _: (503, b"")) as heard, signer_connection(database) as connection:
        webhook_is(database, tenant, heard.url)
        anchorer = Anchorer(database, Settings(webhook_hosts=("127.0.0.1",)))
        anchorer.once(connection)
        anchorer.once(connection)
        assert len(heard.requests) == 1
        for _ in range(AN_ALARM_AFTER):
            assert alarms(connection) == []
            anchorer._rests = {key: Rest(rest.failures, 0.0) for key, rest in anchorer._rests.items()}
            if len(heard.requests) == AN_ALARM_AFTER:
                break
            anchorer.once(connection)
            if len(heard.requests) == AN_ALARM_AFTER:
                break
        [alarm] = alarms(connection)
    assert (alarm.tenant, alarm.kind) == (tenant, "anchor_failed")
    assert "503" in alarm.what


async def test_a_timestamp_is_checked_and_kept(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    with authority() as (tsa, heard):
        settings = Settings(tsa_url=heard.url, tsa_roots=tsa.roots(tmp_path), tsa_seconds=3600)
        assert once(database, settings).anchored == 1
        fill(database, tenant, 1)
        sign(database, tmp_path)
        assert once(database, settings).anchored == 0
    async with Reading(database) as evidence:
        stamp = await evidence.stamp(tenant, 3)
        assert stamp is not None
        assert (stamp.size, await evidence.stamp(tenant, None)) == (5, stamp)
        assert await evidence.stamp(tenant, 6) is None


@pytest.mark.skipif(which("openssl") is None, reason="there is no openssl on this machine")
def test_a_timestamp_is_read_by_openssl(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    with authority() as (tsa, heard):
        once(database, Settings(tsa_url=heard.url, tsa_roots=tsa.roots(tmp_path)))
    with superuser(database) as connection:
        [(receipt,)] = connection.execute("SELECT receipt FROM anchors").fetchall()
    (tmp_path / "response.tsr").write_bytes(receipt)
    (tmp_path / "note").write_text(stored(database, tenant)[0][2], encoding="utf-8")
    command = ["openssl", "ts", "-verify", "-in", "response.tsr", "-data", "note", "-CAfile", "roots.pem"]
    checked = run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_timestamp_of_another_authority_or_of_something_else_is_refused(database: str, tmp_path: Path) -> None:
    fill(database, uuid7(), 5)
    sign(database, tmp_path)
    with authority() as (_, heard), authority() as (other, _):
        settings = Settings(tsa_url=heard.url, tsa_roots=other.roots(tmp_path))
        anchorer = once(database, settings)
        assert (anchorer.anchored, anchorer.failures) == (0, 1)
    with listening(lambda _: (200, b"no timestamp")) as heard:
        anchorer = once(database, Settings(tsa_url=heard.url, tsa_roots=other.roots(tmp_path)))
        assert (anchorer.anchored, anchorer.failures) == (0, 1)


async def test_what_is_anchored_nowhere_is_told(database: str, tmp_path: Path, anchors: Path) -> None:
    tenant, other = uuid7(), uuid7()
    for one in (tenant, other):
        fill(database, one, 5)
    sign(database, tmp_path)
    with signer_connection(database) as connection:
        assert unanchored(connection).tenants == 2
        once(database, Settings(anchor_folder=anchors))
        assert (unanchored(connection).tenants, unanchored(connection).since) == (0, None)
        fill(database, tenant, 2)
        sign(database, tmp_path)
        assert unanchored(connection).tenants == 1
    async with Reading(database) as evidence:
        standing = await evidence.standing(tenant)
        assert [(one.kind, one.target, one.size) for one in standing.anchors] == [("folder", str(anchors), 5)]
        assert (standing.unanchored_events, standing.alarms) == (2, [])
        assert standing.unanchored_since is not None
        assert (await evidence.standing(other)).unanchored_since is None


def test_anchors_are_made_while_the_program_runs(database: str, tmp_path: Path, anchors: Path) -> None:
    fill(database, uuid7(), 5)
    sign(database, tmp_path)
    with anchored(database, Settings(anchor_folder=anchors)) as anchorer:
        wait_until(lambda: anchorer.anchored == 1)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "http://example.com/",
        "https://example.com:8443/",
        "https://user@example.com/",
        "https://example.com/#x",
        "https://exa mple.com/",
        "https://例.example/",
        "https://example.com/" + "x" * 500,
        "https://[::1",
        "https://",
        "https://10.0.0.7/",
        "https://[::ffff:10.0.0.7]/",
        "https://example.com\\@10.0.0.7/",
    ],
)
def test_an_address_that_is_not_called_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match=r"expected .*, but"):
        check_form(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[::]"],
)
def test_an_address_in_our_own_network_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="public internet"):
        pinned(f"https://{host}/")


def test_an_allowed_host_is_called_by_the_number_that_was_looked_up() -> None:
    found = pinned("http://localhost:8080/x?y=1", ["localhost:8080"])
    assert found.url in ("http://127.0.0.1:8080/x?y=1", "http://[::1]:8080/x?y=1")
    assert (found.host, found.name) == ("localhost:8080", "localhost")
    with pytest.raises(AddressRefused, match="https"):
        pinned("http://localhost:8081/", ["localhost:8080"])
    assert pinned("http://[::1]:8080/", ["[::1]:8080"]).url == "http://[::1]:8080/"


def test_a_public_address_is_called() -> None:
    assert pinned("https://8.8.8.8/x").url == "https://8.8.8.8:443/x"
