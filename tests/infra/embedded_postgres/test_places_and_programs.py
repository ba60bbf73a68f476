"""The server's account reaches its data and programs, and nobody's folders are opened for it."""

import os
import shutil
import stat
from pathlib import Path

import psutil
import pytest

from infra.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, dsn_of_running
from infra.embedded_postgres.account import choose_account
from infra.embedded_postgres.places import reachable_copy
from tests.infra.embedded_postgres.servers import ask

DEBIANS = Path("/usr/lib/postgresql/15/bin")


def test_a_folder_without_the_programs_is_refused(new_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="expected PostgreSQL's programs in"):
        EmbeddedPostgres.start(new_folder, bin_dir=tmp_path)


@pytest.mark.skipif(not DEBIANS.exists(), reason="this machine has no PostgreSQL 15")
def test_the_environment_may_name_an_older_postgresql(
    new_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASHIATO_PG_BIN", str(DEBIANS))
    with EmbeddedPostgres.start(new_folder, durable=False) as server:
        assert str(ask(server, "SHOW server_version")).startswith("15.")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends another account")
def test_root_keeps_the_data_elsewhere_when_the_folder_is_out_of_reach(new_folder: Path) -> None:
    new_folder.parent.chmod(0o700)
    with EmbeddedPostgres.start(new_folder, durable=False) as server:
        assert ask(server, "SELECT 1") == 1
        assert server.folder != new_folder
        assert psutil.Process(server.pid).uids().real == choose_account().uid
    assert stat.S_IMODE(new_folder.parent.stat().st_mode) == 0o700
    shutil.rmtree(server.folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends another account")
def test_root_runs_a_copy_of_programs_that_are_out_of_reach(new_folder: Path) -> None:
    program = Path("package", "bin", "program")
    (new_folder / program).parent.mkdir(parents=True)
    (new_folder / program).write_text("#!/bin/sh\necho reached\n")
    (new_folder / program).chmod(0o700)
    account = choose_account()
    copied = reachable_copy(new_folder, (Path("package"),), program, account)
    assert copied != new_folder
    assert account.run([copied / program]).stdout == "reached\n"
    assert stat.S_IMODE((new_folder / program).stat().st_mode) == 0o700
    shutil.rmtree(copied)


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_where_the_folder_should_be_is_said(new_folder: Path, below: str) -> None:
    new_folder.touch()
    with pytest.raises(EmbeddedPostgresError, match=f"expected a folder for data at .*, but {new_folder} is a file"):
        EmbeddedPostgres.start(new_folder / below)
    with pytest.raises(EmbeddedPostgresError, match="is a file"):
        dsn_of_running(new_folder / below)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(new_folder: Path) -> None:
    new_folder.parent.chmod(0o500)
    with pytest.raises(EmbeddedPostgresError, match="permission denied"):
        EmbeddedPostgres.start(new_folder)
