"""Bundles: complete and provable, accepted by tools that nobody here wrote, and refused when a byte is different."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import bagit
import psycopg
import pytest
from psycopg import sql

from services.exports.bundle import Made, export
from services.exports.source import NoCheckpoint
from services.exports.wanted import FORMATS, Asked, Wanted
from tests.services.exports.conftest import AT, Scene


def verified(folder: Path, *given: str) -> tuple[int, str]:
    """What the enclosed program says, run by a Python that sees no package."""
    command = [sys.executable, "-I", "-S", str(folder / "data" / "verify.py"), str(folder), *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    return done.returncode, done.stdout


def copied(made: Made, tmp_path: Path) -> Path:
    """A bundle to spoil."""
    return Path(shutil.copytree(made.folder, tmp_path / "copy"))


def resealed(folder: Path) -> None:
    """The manifests as someone makes them who covers their tracks."""
    bag = bagit.Bag(str(folder))
    bag.save(manifests=True)
    tags = folder / "tagmanifest-sha256.txt"
    lines = []
    for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt"):
        done = subprocess.run(["sha256sum", name], cwd=folder, capture_output=True, text=True, check=True)
        lines.append(done.stdout)
    tags.write_text("".join(lines))


def test_a_whole_export_is_every_signed_event_and_proves_it(scene: Scene, whole: Made) -> None:
    code, said = verified(whole.folder, "--key", scene.key, "--checkpoint", str(scene.older))
    assert (code, said.splitlines()[-1]) == (0, "VERIFIED"), said
    assert "note:" not in said
    with psycopg.connect(scene.dsn) as connection:
        row = connection.execute("SELECT count(*) FROM events WHERE tenant_id = %s", (scene.tenant,)).fetchone()
    about = json.loads((whole.folder / "data" / "export.json").read_text())
    assert row is not None
    assert (about["events"], about["first_seq"], about["last_seq"]) == (row[0], 1, row[0])
    assert about["by"] == {"member": "m-1", "name": "監査 花子"}
    assert sum(about["types"].values()) == row[0]


def test_it_is_the_same_wherever_the_database_thinks_it_is(scene: Scene, whole: Made) -> None:
    with psycopg.connect(scene.dsn, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET timezone TO 'Asia/Tokyo'").format(name))
        try:
            there = scene.made("in Tokyo", formats=("csv", "xes"))
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} RESET timezone").format(name))
    for view in ("events.jsonl", "views/events.csv", "views/runs.xes"):
        assert (there.folder / "data" / view).read_bytes() == (whole.folder / "data" / view).read_bytes()


def test_other_peoples_tools_accept_it(whole: Made) -> None:
    assert bagit.Bag(str(whole.folder)).validate()
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=whole.folder, check=True)


def test_the_same_question_gives_the_same_bytes(scene: Scene, whole: Made) -> None:
    again = scene.made("again", formats=FORMATS)
    manifests = [(made.folder / "manifest-sha256.txt").read_text() for made in (whole, again)]
    assert manifests[0] == manifests[1]


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "edited": lambda lines: lines.replace(b'"actor"', b'"actor"', 0).replace(b"run.started", b"run.stopped", 1),
    "deleted": lambda lines: lines.replace(lines.splitlines(keepends=True)[20], b""),
    "inserted": lambda lines: lines + lines.splitlines(keepends=True)[-1],
    "swapped": lambda lines: b"".join([*(some := lines.splitlines(keepends=True))[:5], some[6], some[5], *some[7:]]),
    "truncated": lambda lines: b"".join(lines.splitlines(keepends=True)[:-1]),
    "cut": lambda lines: lines[:-10],
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_line_is_noticed_even_when_the_manifests_are_made_anew(
    scene: Scene, whole: Made, tmp_path: Path, how: str
) -> None:
    folder = copied(whole, tmp_path)
    events = folder / "data" / "events.jsonl"
    events.write_bytes(SPOILED[how](events.read_bytes()))
    code, said = verified(folder, "--key", scene.key)
    assert (code, "events.jsonl as the manifest has it" in said) == (1, True), said
    resealed(folder)
    code, said = verified(folder, "--key", scene.key)
    assert (code, said.startswith("NOT VERIFIED") or "\nNOT VERIFIED" in said) == (1, True), said


def test_a_file_that_was_put_there_is_noticed(scene: Scene, whole: Made, tmp_path: Path) -> None:
    folder = copied(whole, tmp_path)
    (folder / "data" / "more.txt").write_text("x")
    assert verified(folder, "--key", scene.key)[0] == 1


def test_a_key_of_somebody_else_does_not_verify(scene: Scene, whole: Made) -> None:
    name, _, rest = scene.key.partition("+")
    other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert verified(whole.folder, "--key", other)[0] == 1
    assert verified(whole.folder, "--key", f"{name}+00000000+{rest.partition('+')[2]}")[0] == 1


def test_without_a_key_from_elsewhere_it_says_what_that_is_worth(whole: Made) -> None:
    code, said = verified(whole.folder)
    assert (code, "the key came with the bundle" in said, "older checkpoint" in said) == (0, True, True)


def test_an_older_checkpoint_of_another_log_or_a_malformed_one_is_refused(
    scene: Scene, whole: Made, tmp_path: Path
) -> None:
    older = scene.older.read_text()
    for number, text in enumerate((older[:-1], older.replace("\n\n", "\n"), older.replace("ashiato.test", "x"), "")):
        path = tmp_path / f"older-{number}"
        path.write_text(text)
        assert verified(whole.folder, "--key", scene.key, "--checkpoint", str(path))[0] in (1, 2)


@pytest.mark.parametrize("of", ["run", "procedure", "period"])
def test_some_of_the_log_is_proven_line_by_line_and_says_that_more_is_not(scene: Scene, of: str) -> None:
    every: dict[str, dict[str, object]] = {
        "run": {"run": scene.run},
        "procedure": {"procedure": scene.procedure},
        "period": {"since": AT - timedelta(days=1_000), "until": AT},
    }
    made = scene.made(f"some-{of}", **every[of])
    code, said = verified(made.folder, "--key", scene.key)
    assert (code, "is not proven" in said) == (0, True), said
    lines = (made.folder / "data" / "events.jsonl").read_text().splitlines()
    assert made.events == len(lines) > 0
    if of != "period":
        streams = {json.loads(line)["event"]["stream"] for line in lines}
        assert streams == ({scene.run} if of == "run" else {scene.run, scene.procedure})
    proofs = made.folder / "data" / "proofs.jsonl"
    proofs.write_bytes(proofs.read_bytes().replace(b"0", b"1"))
    resealed(made.folder)
    assert verified(made.folder, "--key", scene.key)[0] == 1


def test_what_matches_nothing_is_an_empty_export_that_verifies(scene: Scene) -> None:
    made = scene.made("nothing", until=AT.replace(year=1990), formats=FORMATS)
    assert (made.events, made.first, made.last) == (0, None, None)
    assert verified(made.folder, "--key", scene.key)[0] == 0
    assert bagit.Bag(str(made.folder)).validate()


def test_a_company_without_a_checkpoint_has_nothing_to_export_yet(scene: Scene, tmp_path: Path) -> None:
    unknown = Wanted("0199a000-0000-7000-8000-000000000999")
    with pytest.raises(NoCheckpoint, match="expected a checkpoint"):
        export(scene.dsn, unknown, Asked("m", "x", AT, "e"), tmp_path / "none")
    with pytest.raises(NoCheckpoint, match="of 7 events"):
        export(scene.dsn, scene.wanted(checkpoint=7), Asked("m", "x", AT, "e"), tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_another_company_is_in_it(scene: Scene, whole: Made) -> None:
    for path in whole.folder.rglob("*"):
        assert path.is_dir() or scene.other.encode() not in path.read_bytes(), path


def test_a_disk_that_is_full_leaves_nothing_behind(scene: Scene, tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk: writing ends in the same place with an OSError."""
    script = """
import resource, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from services.exports.bundle import export
from services.exports.wanted import Asked, Wanted
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    export(sys.argv[1], Wanted(sys.argv[2]), Asked("m", "x", datetime.now(UTC), "e"), Path(sys.argv[3]))
except OSError as error:
    print("OSError", error.strerror)
"""
    command = [sys.executable, "-c", script, scene.dsn, scene.tenant, str(tmp_path / "full")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.startswith("OSError"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_who_ends_it_half_way_finds_nothing_half_done(scene: Scene, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def enough(_: int, __: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        export(scene.dsn, scene.wanted(), Asked("m", "x", AT, "e"), tmp_path / "half", enough)
    assert list(tmp_path.iterdir()) == []
