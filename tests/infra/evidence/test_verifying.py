"""Hashing anew, piece by piece and in several processes; what was given from outside is checked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from infra.evidence import rehashing, rounds, verifying
from infra.evidence.alarms import alarms, close_alarm
from infra.evidence.outside import EvidenceUnusable
from infra.evidence.verifying import verify_log
from infra.ids import uuid7
from services.verifying import verify
from tests.infra.evidence.logs import fill, sign, signer_connection, stored, superuser
from tests.tampering import UNGUARD


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 256 events, pages of 100, rounds of 70."""
    monkeypatch.setattr(verifying, "PIECE", 256)
    monkeypatch.setattr(verifying, "LEVEL", 8)
    monkeypatch.setattr(rehashing, "AT_ONCE", 100)
    monkeypatch.setattr(rounds, "AT_ONCE", 70)


@pytest.mark.usefixtures("small")
def test_every_checkpoint_of_a_log_of_several_pieces_is_compared(database: str, tmp_path: Path) -> None:
    tenants = {uuid7(): count for count in (1, 255, 256, 257, 700)}
    for tenant, count in tenants.items():
        fill(database, tenant, count)
    sign(database, tmp_path)
    progress: list[tuple[int, int]] = []
    found = verify(database, workers=1, progress=lambda done, total: progress.append((done, total)))
    assert (found.faults, found.tenants, found.events) == ([], 5, 1469)
    assert found.checkpoints == sum(len(stored(database, tenant)) for tenant in tenants) > 20
    assert progress[-1] == (1469, 1469)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seq", [1, 256, 257, 512, 513, 700])
def test_the_first_bad_event_is_named_in_any_piece(database: str, tmp_path: Path, seq: int) -> None:
    tenant, other = uuid7(), uuid7()
    fill(database, tenant, 700)
    fill(database, other, 10)
    sign(database, tmp_path)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        spoil = "UPDATE events SET body = body || ' ' WHERE tenant_id = %s AND tenant_seq >= %s"
        connection.execute(spoil, (tenant, seq))
    found = verify(database, workers=1)
    [first, *_] = sorted(found.faults, key=lambda fault: fault.seq)
    assert (first.tenant, first.seq) == (tenant, seq)
    assert found.count >= 701 - seq
    assert verify(database, tenant=other, workers=1).faults == []


@pytest.mark.usefixtures("small")
def test_a_log_that_grows_meanwhile_is_what_was_signed(database: str, tmp_path: Path) -> None:
    tenant, other, goes_on = uuid7(), uuid7(), Event()
    fill(database, tenant, 300)
    sign(database, tmp_path)

    def work() -> None:
        while not goes_on.is_set():
            fill(database, tenant, 40)
            fill(database, other, 5)
            sign(database, tmp_path)

    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(work)
        try:
            found = [verify(database, workers=1) for _ in range(8)]
        finally:
            goes_on.set()
        working.result()
    assert [one.faults for one in found] == [[]] * 8
    assert found[-1].events > found[0].events


def test_two_processes_find_what_one_does(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 30)
    sign(database, tmp_path)
    assert verify(database, workers=2).events == 30
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET body = body || ' ' WHERE tenant_seq = 5")
    assert [fault.seq for fault in verify(database, workers=2).faults] == [
        fault.seq for fault in verify(database, workers=1).faults
    ]


def test_a_fault_raises_an_alarm_that_stays_until_it_is_closed(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    with superuser(database) as connection:
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET body = body || ' ' WHERE tenant_seq = 3")
    verify(database, workers=1)
    verify(database, workers=1)
    with signer_connection(database) as connection:
        [alarm] = alarms(connection)
        assert (alarm.tenant, alarm.kind, alarm.seq) == (tenant, "log_altered", 3)
        assert close_alarm(connection, alarm.id, "Emi", "restored from the backup of Monday")
        assert not close_alarm(connection, alarm.id, "Emi", "again")
        assert alarms(connection) == []
        [closed] = alarms(connection, closed=True)
        assert (closed.closed_by, closed.reason) == ("Emi", "restored from the backup of Monday")
    verify(database, workers=1)
    with signer_connection(database) as connection:
        assert len(alarms(connection)) == 1


@pytest.mark.parametrize("content", [b"", b"no note", b"\xff\xfe", b"x\n0\nAA==\n\n\xe2\x80\x94 x AAAAAAAA\n"])
def test_what_is_no_checkpoint_is_refused_as_evidence(database: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept.note").write_bytes(content)
    with pytest.raises(EvidenceUnusable, match="expected a signed checkpoint"):
        verify(database, checkpoints=[tmp_path / "kept.note"])
    with pytest.raises(EvidenceUnusable, match="expected a signed checkpoint"):
        verify(database, anchors=[tmp_path])


def test_a_checkpoint_that_we_did_not_sign_is_refused_as_evidence(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 5)
    sign(database, tmp_path)
    note = stored(database, tenant)[-1][2]
    (tmp_path / "kept.note").write_text(note.replace("\n5\n", "\n4\n"), encoding="utf-8")
    with pytest.raises(EvidenceUnusable, match="to be signed by a key of this log"):
        verify(database, checkpoints=[tmp_path / "kept.note"])
    with pytest.raises(EvidenceUnusable, match="expected verifier keys"):
        verify(database, trusted=tmp_path / "kept.note")
    with pytest.raises(EvidenceUnusable, match="expected a folder"):
        verify(database, anchors=[tmp_path / "nowhere"])


def test_a_log_without_events_is_what_was_signed(database: str) -> None:
    assert verify_log(database, []).count == 0
