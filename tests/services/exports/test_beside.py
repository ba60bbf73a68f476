"""Views are made beside the rest by a process of their own: what becomes of it is what becomes of the export."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from services.exports.beside import PROGRAM, ViewsNotMade
from services.exports.bundle import export
from services.exports.wanted import Asked
from tests.services.commanding import PATIENCE_SECONDS
from tests.services.exports.conftest import AT, Scene

EXPORTING = """
import resource, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from services.exports.bundle import export
from services.exports.wanted import Asked, Wanted
dsn, tenant, folder, formats, most = sys.argv[1:]
if int(most):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
asked = Asked("m", "x", datetime.now(UTC), "e")
try:
    export(dsn, Wanted(tenant, (formats,)), asked, Path(folder), lambda *_: print("reading", flush=True))
except OSError as error:
    print("OSError", error.strerror)
"""


@contextmanager
def views_held_up(dsn: str) -> Iterator[None]:
    """Nothing that is sealed can be opened, so views wait; the evidence needs no keys."""
    with psycopg.connect(dsn) as connection:
        connection.execute("LOCK TABLE data_keys")
        yield


def exporting(scene: Scene, folder: Path, formats: str, most: int = 0) -> "subprocess.Popen[str]":
    """A process that exports into files of at most so many bytes."""
    command = [sys.executable, "-c", EXPORTING, scene.dsn, scene.tenant, str(folder), formats, str(most)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_who_kills_what_makes_the_views_gets_no_export(scene: Scene, tmp_path: Path) -> None:
    def kill(_: int, __: int) -> None:
        for child in psutil.Process().children():
            with suppress(psutil.ZombieProcess):  # it was killed before
                if child.cmdline()[-1] == PROGRAM[-1]:
                    child.kill()

    with views_held_up(scene.dsn), pytest.raises(ViewsNotMade, match="ended with -9"):
        export(scene.dsn, scene.wanted(formats=("xes",)), Asked("m-1", "x", AT, "e"), tmp_path / "killed", kill)
    assert list(tmp_path.iterdir()) == []


def test_what_makes_the_views_ends_with_who_wants_them(scene: Scene, tmp_path: Path) -> None:
    with views_held_up(scene.dsn), exporting(scene, tmp_path / "orphaned", "ocel") as process:
        assert process.stdout
        assert process.stdout.readline() == "reading\n"
        making = psutil.Process(process.pid).children()
        assert [one.cmdline()[-1] for one in making] == [PROGRAM[-1]]
        process.kill()
        _, alive = psutil.wait_procs(making, timeout=PATIENCE_SECONDS)
        assert alive == []


def test_a_disk_that_is_full_for_the_views_alone_leaves_nothing_behind(scene: Scene, tmp_path: Path) -> None:
    made = scene.made("roomy", formats=("ocel-sqlite",))
    lines, views = (made.folder / "data" / name for name in ("events.jsonl", "views/ocel.sqlite"))
    most = (lines.stat().st_size + views.stat().st_size) // 2
    assert lines.stat().st_size < most
    with exporting(scene, tmp_path / "full", "ocel-sqlite", most) as process:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert said.splitlines()[-1].startswith("OSError")
    assert list(tmp_path.iterdir()) == []
