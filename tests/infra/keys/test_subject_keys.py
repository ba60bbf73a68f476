"""Keys between processes: one is made once, and one that was destroyed is forgotten by all."""

import asyncio
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.ids import uuid7
from infra.keys.master import BYTES, ID, KeyFileWrong, Master, key_id, keys_in, master_of, read, replace, write_new
from infra.keys.ring import UNKNOWN, Ring, Whose
from infra.keys.subject_keys import NoKey, SubjectKeys


def erase(dsn: str, tenant: str, subject: str) -> None:
    """As the operator does after a restore."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        given: tuple[Any, ...] = ([tenant], [subject], ["run"], [1])
        connection.execute(
            "INSERT INTO events VALUES (1, %s, 1, %s, 1, 'x', now(), '{}', '')", (uuid7(), uuid7())
        )
        connection.execute("SELECT erase_again(%s::uuid[], %s::uuid[], %s, %s, ARRAY[now()])", given)


async def test_two_processes_that_need_a_key_at_once_get_the_same(database: str) -> None:
    here, there = SubjectKeys(database), SubjectKeys(database)
    tenant, subject = uuid7(), uuid7()
    one, other = await asyncio.gather(here.for_writing(tenant, [subject]), there.for_writing(tenant, [subject]))
    nonce = bytes(12)
    assert other[subject].decrypt(nonce, one[subject].encrypt(nonce, b"x", b""), b"") == b"x"
    await here.stop()
    await there.stop()


async def test_another_process_lets_go_of_a_destroyed_key(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.keys.subject_keys.LOOK_EVERY", 0.0)
    keys, tenant, subject = SubjectKeys(database), uuid7(), uuid7()
    await keys.for_writing(tenant, [subject])
    erase(database, tenant, subject)
    async with asyncio.timeout(10):
        while (await keys.of(tenant, [subject]))[subject] is not None:  # noqa: ASYNC110  # nobody tells when
            await asyncio.sleep(0.01)  # another task forgets it
    with pytest.raises(NoKey):
        await keys.for_writing(tenant, [subject])
    await keys.stop()


def test_a_wrapped_key_of_another_person_is_refused() -> None:
    master = master_of()
    whose: Whose = (uuid7(), uuid7())
    wrapped, _ = Ring(master).new(whose)
    with pytest.raises(KeyFileWrong, match="moved to another"):
        Ring(master).unwrapped((whose[0], uuid7()), wrapped)


def test_a_ring_holds_only_so_many() -> None:
    ring = Ring(master_of(), most=2)
    people = [(uuid7(), uuid7()) for _ in range(3)]
    for whose in people:
        ring.put(whose, None)
    assert [ring.get(whose) for whose in people] == [UNKNOWN, None, None]


def test_who_runs_while_the_master_key_changes_wraps_nothing_with_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    write_new(path, [os.urandom(BYTES)])
    running = read(path)
    replace(path, [os.urandom(BYTES), *keys_in(path)])
    newest = key_id(keys_in(path)[0])
    assert running.wrap(bytes(BYTES), "a/b").startswith(newest)


def test_a_file_that_changed_while_it_was_read_is_read_again_before_anything_is_wrapped(tmp_path: Path) -> None:
    path, new = tmp_path / "keys", os.urandom(BYTES)
    write_new(path, [os.urandom(BYTES)])
    before = keys_in(path)
    replace(path, [new, *before])
    assert Master(before, path).wrap(os.urandom(BYTES), "somebody")[:ID] == key_id(new)
