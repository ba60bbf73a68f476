"""Who was erased is erased in what goes out: exports, topic, feed. What went out before is proven as ever."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from domain.evidence.proofs import proves_consistency, proves_inclusion
from domain.evidence.tree import leaf_hash
from domain.personal import ERASED
from infra.kafka.settings import KafkaSettings
from services.exports.bundle import Made, export
from services.exports.wanted import Asked, Wanted
from tests.infra.kafka.by_hand import relay_all
from tests.infra.kafka.following import followed
from tests.infra.kafka.records import records
from tests.services.api.test_erasing import ADDRESS, NAME, SECRETS, SUBJECT, WHY, raw_rows, somebody, told_of
from tests.services.api.world import Company, World
from tests.services.exports.conftest import AT
from tests.services.exports.pdf_text import pdf_text
from tests.services.exports.test_bundles import verified

OF_ALL = ("events.csv", "events.parquet", "ocel.json", "ocel.sqlite")
OF_RUNS = ("runs.xes",)
REPORT = ("report.pdf",)
EVERY_VIEW = {**dict.fromkeys(OF_ALL, SECRETS), **dict.fromkeys(OF_RUNS, SECRETS[2:]), **dict.fromkeys(REPORT, (NAME,))}
"""What each view of an export told of the person: a report names who acted, runs whom they are about."""


def in_view(path: Path) -> str:
    """All that a view says."""
    if path.suffix == ".pdf":
        return pdf_text(path.read_bytes())
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump())
    return path.read_text("utf-8-sig")


def views_of(made: Made) -> dict[str, str]:
    return {path.name: in_view(path) for path in (made.folder / "data" / "views").iterdir()}


def lines_of(made: Made) -> bytes:
    return (made.folder / "data" / "events.jsonl").read_bytes()


async def exported(api: World, acme: Company, folder: Path) -> Made:
    """All of the company's log, in every format."""
    await acme.ok("GET", "/v1/checkpoints/latest")  # which signs what is new
    return await asyncio.to_thread(export, api.dsn, Wanted(acme.tenant), Asked(acme.owner, "Emi", AT, "export"), folder)


async def test_an_export_made_after_an_erasure_shows_it_and_one_made_before_is_still_proven(
    api: World, acme: Company, tmp_path: Path
) -> None:
    person, run = await somebody(api, acme)
    before = await exported(api, acme, tmp_path / "before")
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    after = await exported(api, acme, tmp_path / "after")

    assert {name: tuple(told_of(text)) for name, text in views_of(before).items()} == EVERY_VIEW
    assert {name: told_of(text) for name, text in views_of(after).items()} == {name: [] for name in EVERY_VIEW}
    assert {name for name, text in views_of(after).items() if ERASED in text} == set(EVERY_VIEW)
    assert [path for path in after.folder.rglob("*") if path.is_file() and told_of(plain(path))] == []

    assert lines_of(after).startswith(lines_of(before))
    assert told_of(lines_of(before).decode()) == []
    [key] = (before.folder / "data" / "keys.txt").read_text().splitlines()
    held = before.folder / "data" / "checkpoint"
    for made, older in ((before, held), (after, held)):
        code, said = verified(made.folder, "--key", key, "--checkpoint", str(older))
        assert (code, said.splitlines()[-1]) == (0, "VERIFIED"), said


async def test_the_proofs_of_an_export_made_before_hold_with_the_checkpoints_made_after(
    api: World, acme: Company, tmp_path: Path
) -> None:
    person, run = await somebody(api, acme)
    before = await exported(api, acme, tmp_path / "before")
    leaves = [leaf_hash(line) for line in lines_of(before).splitlines()]
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    found = await acme.ok("GET", f"/v1/proofs/consistency?from={before.size}")
    size, root = found["checkpoint"]["size"], bytes.fromhex(found["checkpoint"]["root"])
    path = [bytes.fromhex(one) for one in found["path"]]
    assert size > before.size
    assert proves_consistency(before.size, size, path, bytes.fromhex(before.root), root)
    for seq in (1, before.size):
        proof = await acme.ok("GET", f"/v1/proofs/inclusion?seq={seq}&size={size}")
        assert proves_inclusion(leaves[seq - 1], seq - 1, size, [bytes.fromhex(one) for one in proof["path"]], root)


@pytest.mark.parametrize("followed_before", [False, True])
async def test_a_topic_names_nobody_and_who_follows_it_learns_of_the_erasure(
    api: World, acme: Company, kafka: KafkaSettings, *, followed_before: bool
) -> None:
    person, run = await somebody(api, acme)
    last = relay_all(api.dsn, kafka)
    if followed_before:
        await asyncio.to_thread(followed, api.dsn, kafka, last)
        assert told_of(raw_rows(api.dsn)) == [NAME, ADDRESS, SUBJECT]  # what read models hold
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    last = relay_all(api.dsn, kafka)

    some = [one for partition in records(kafka).values() for one in partition]
    assert len(some) == api.events()
    assert told_of("\n".join(f"{one.key} {one.value.decode()} {one.headers}" for one in some)) == []
    types = [dict(one.headers)["ce_type"] for one in some]
    assert (types.count(b"tenant.person_erased"), types.count(b"run.subject_erased")) == (1, 1)

    await asyncio.to_thread(followed, api.dsn, kafka, last)  # from the topic's beginning, or on from where it was
    rows = raw_rows(api.dsn)
    assert told_of(rows) == []
    assert ERASED in rows


async def test_a_feed_tells_of_the_erasure_and_names_nobody(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    told = (await acme.client.get("/v1/feed?after=0")).text
    assert told_of(told) == []
    assert "run.commented" in told
    assert "run.subject_erased" in told


def plain(path: Path) -> str:
    """What a file says to whoever opens it as it is."""
    return path.read_bytes().decode("utf-8", "replace")
