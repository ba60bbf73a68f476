"""The procedure of docs/erasure.md: dump, erase, restore, erase again; nothing of the person is readable then."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from domain.personal import ERASED
from infra.embedded_postgres.account import choose_account
from infra.embedded_postgres.binaries import find_binaries, named_by_environment
from infra.keys.master import KeyFileWrong, Master, keys_in, write_new
from infra.read_store.verify import verify
from infra.roles import ensure_roles
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from services import keeping
from services.database import prepare
from tests.services.api.test_erasing import SECRETS, WHY, raw_rows, somebody, told_of
from tests.services.api.world import KEYS, Company, world
from tests.services.commanding import ashiato


def tool(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs, of the version that the tests run on."""
    program = find_binaries(choose_account(), named_by_environment())[name]
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr


@contextmanager
def empty_beside(dsn: str) -> Iterator[str]:
    """Another database on the same server."""
    name = f"{urlsplit(dsn).path[1:]}_restored"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        beside = urlsplit(dsn)._replace(path=f"/{name}").geturl()
        try:
            with psycopg.connect(beside, autocommit=True) as new:
                ensure_roles(new)
            yield beside
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def lived(dsn: str, erase: bool) -> tuple[Company, str, str]:
    """A company with somebody who left."""
    async with world(dsn) as api:
        acme = await api.company("Acme")
        person, run = await somebody(api, acme)
        await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
        if erase:
            await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    return acme, person.id, run


def test_what_was_erased_after_the_backup_is_erased_again_in_what_was_restored(
    database: str, tmp_path: Path
) -> None:
    acme, person, run = asyncio.run(lived(database, erase=False))
    dump, listed = tmp_path / "dump", tmp_path / "erasures.jsonl"
    tool("pg_dump", "--format=custom", f"--file={dump}", database)
    asyncio.run(erase(database, acme, person, run))
    said = ashiato("erasures", "export", str(listed), DATABASE_URL=database)
    assert said.returncode == 0, said.stderr
    assert told_of(listed.read_text("utf-8")) == []
    with empty_beside(database) as restored:
        tool("pg_restore", "--exit-on-error", f"--dbname={restored}", str(dump))
        assert told_of(raw_rows(restored)) != []
        said = ashiato("erasures", "apply", str(listed), DATABASE_URL=restored)
        assert said.returncode == 0, said.stderr
        assert "2 erasures were missing" in said.stdout
        assert told_of(raw_rows(restored)) == []
        text = tmp_path / "again.sql"
        tool("pg_dump", f"--file={text}", restored)
        assert told_of(text.read_text("utf-8")) == []
        with_the_signing_key_of(database, restored)
        assert asyncio.run(shown(restored, acme, run)) == ERASED
        assert verify(restored, PROJECTIONS) == []
        assert "0 erasures were missing" in ashiato("erasures", "apply", str(listed), DATABASE_URL=restored).stdout


def with_the_signing_key_of(database: str, restored: str) -> None:
    """Its file is kept by the name of the database in these tests."""
    old, new = (Path(KEYS.name) / f"{urlsplit(dsn).path[1:]}.pem" for dsn in (database, restored))
    shutil.copy2(old, new)


async def erase(dsn: str, acme: Company, person: str, run: str) -> None:
    async with world(dsn) as api:
        mine = Company(api.as_(acme.key), acme.tenant, acme.owner, acme.key)
        await mine.ok("POST", "/v1/erasures", {"member": person, "runs": [run], **WHY})
        await mine.ok("GET", f"/v1/departments?wait_for={api.events()}")


async def shown(dsn: str, acme: Company, run: str) -> str:
    """What the program says that the run's subject is."""
    async with world(dsn) as api:
        mine = Company(api.as_(acme.key), acme.tenant, acme.owner, acme.key)
        found = await mine.ok("GET", f"/v1/runs/{run}")
        refused = await mine.client.post(f"/v1/runs/{run}/comments", json={"text": "やはり"})
        assert refused.json()["type"] == "/problems/subject_erased"
        return str(found["run"]["subject"])


@pytest.mark.parametrize("line", ["x", "{}", '{"tenant":"t","subject":"s","kind":"run","seq":1,"at":"2026-01-01"}'])
def test_a_list_that_is_none_changes_nothing(database: str, tmp_path: Path, line: str) -> None:
    (tmp_path / "list").write_text(line)
    said = ashiato("erasures", "apply", str(tmp_path / "list"), DATABASE_URL=database)
    assert said.returncode == 2
    assert "expected an erasure on line 1" in said.stderr


def test_nothing_of_the_person_is_in_the_data_files_once_read_models_are_rebuilt(database: str) -> None:
    asyncio.run(lived(database, erase=True))
    assert ashiato("rebuild", DATABASE_URL=database).returncode == 0
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM FULL")  # the catalogue's own; read models are in new files already
        connection.execute("CHECKPOINT")
        row = connection.execute(
            "SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    folder = Path(row[0]) / "base" / row[1]
    if not folder.exists():
        pytest.skip("the server's files are on another machine")
    files = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"tenant.person_erased" in files
    assert [secret for secret in SECRETS if secret.encode() in files] == []


def test_a_new_master_key_wraps_every_key_and_the_old_one_can_go(database: str, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    settings = Settings(key_file=path)
    acme, _, run = asyncio.run(lived_with(database, path))
    before = keys_in(path)
    assert keeping.rotate(database, settings) >= 3
    assert keys_in(path)[1:] == before
    assert keeping.forget_old(database, settings) == 1
    assert len(keys_in(path)) == 1
    assert asyncio.run(subject_with(database, path, acme, run)) == "蒼井 そらの"


def test_a_rotation_that_was_cut_off_goes_on_with_the_key_it_had_begun(database: str, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    settings = Settings(key_file=path)
    asyncio.run(lived_with(database, path))
    keeping.rotate(database, settings)
    newest = keys_in(path)[0]
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT tenant_id::text, subject_id::text, wrapped FROM data_keys LIMIT 1").fetchone()
        assert row is not None
        whose = f"{row[0]}/{row[1]}"
        newer, older = keys_in(path)
        old = Master([older]).wrap(Master([newer]).unwrap(row[2], whose), whose)
        connection.execute("UPDATE data_keys SET wrapped = %s WHERE subject_id = %s", (old, row[1]))
    with pytest.raises(KeyFileWrong, match="1 are not"):
        keeping.forget_old(database, settings)
    assert keeping.rotate(database, settings) == 1
    assert keys_in(path)[0] == newest


def test_other_master_keys_than_the_databases_own_are_refused_at_the_start(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(lived(database, erase=False))
    write_new(tmp_path / "keys", [bytes(32)])
    monkeypatch.setenv("ASHIATO_KEY_FILE", str(tmp_path / "keys"))
    with pytest.raises(KeyFileWrong, match="holds others"):
        prepare(database)


async def lived_with(dsn: str, path: Path) -> tuple[Company, str, str]:
    """The same, with master keys of its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ASHIATO_KEY_FILE", str(path))
        return await lived(dsn, erase=False)


async def subject_with(dsn: str, path: Path, acme: Company, run: str) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ASHIATO_KEY_FILE", str(path))
        async with world(dsn) as api:
            mine = Company(api.as_(acme.key), acme.tenant, acme.owner, acme.key)
            return str((await mine.ok("GET", f"/v1/runs/{run}?as_of={api.events() - 1}"))["run"]["subject"])
