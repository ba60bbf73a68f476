"""An export asked for over the API is made, given out, and over; whatever happens meanwhile."""

import asyncio
import io
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx2
import psutil
import psycopg
import pytest_asyncio
from structlog.testing import capture_logs

from infra.ids import uuid7
from infra.read_store import export_jobs as jobs
from services.exporter import exporters_connection
from services.exports.states import state
from tests.services.api.people import join, problem
from tests.services.api.served import served
from tests.services.api.world import Company
from tests.services.commanding import PATIENCE_SECONDS, Running
from tests.services.exporting import Scene, held_up, scene
from tests.services.small_disk import small_disk

LEASED = "UPDATE export_jobs SET leased_until = now() + %s WHERE tenant_id = %s"
WHY = {"reason": "本人からの請求"}
NOBODYS = "00000000-0000-7000-8000-000000000000"


@pytest_asyncio.fixture
async def shop(database: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """A server with exports in a folder of its own."""
    async with scene(database, tmp_path / "exports") as made:
        yield made


@pytest_asyncio.fixture
async def acme(shop: Scene) -> Company:
    """A company with a run."""
    company = await shop.api.company("Acme")
    await company.run()
    return company


def unpacked(archive: bytes, into: Path) -> Path:
    """The bundle in an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")
    [bundle] = into.iterdir()
    return bundle


def verified(bundle: Path, name: str = "verify.py") -> str:
    """What a program inside says, which must be that all is well."""
    program = [sys.executable, "-I", str(bundle / "data" / name)]
    said = subprocess.run(program, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


async def download(company: Company, export: str) -> bytes:
    got = await company.client.get(f"/v1/exports/{export}/bundle")
    assert got.status_code == 200, got.text
    assert got.headers["etag"] == f'"{sha256(got.content).hexdigest()}"'
    return got.content


async def test_asked_for_made_downloaded_and_verified(shop: Scene, acme: Company, tmp_path: Path) -> None:
    body = {"formats": ["csv", "xes"]}
    sent = [await acme.client.post("/v1/exports", json=body, headers={"idempotency-key": "11"}) for _ in range(2)]
    export = sent[0].json()["export"]
    assert [(one.status_code, one.headers["location"]) for one in sent] == [(202, f"/v1/exports/{export}")] * 2
    await shop.shown()
    assert problem(await acme.client.get(f"/v1/exports/{export}/bundle")) == "export_not_made"
    await shop.looked()
    told = await shop.export(acme, export)
    archive = await download(acme, export)
    assert (told["status"], told["events"], told["bytes"]) == ("made", told["size"], len(archive))
    bundle = unpacked(archive, tmp_path / "out")
    assert "VERIFIED" in verified(bundle)
    assert state(shop.api.dsn, acme.tenant, told["size"]).digest in verified(bundle, "replay.py")
    assert await shop.types(acme) == ["asked", "made", "downloaded"]
    assert shop.files() == [f"{told['sha256']}.tar"]


async def test_what_matches_nothing_is_an_export_that_proves_as_much(
    shop: Scene, acme: Company, tmp_path: Path
) -> None:
    export = await shop.made(acme, since="2099-01-01T00:00:00Z", formats=["csv"])
    assert (await shop.export(acme, export))["events"] == 0
    bundle = unpacked(await download(acme, export), tmp_path / "out")
    verified(bundle)
    assert (bundle / "data" / "events.jsonl").read_bytes() == b""


async def test_a_download_that_was_cut_off_goes_on(shop: Scene, acme: Company) -> None:
    export = await shop.made(acme)
    path, told = f"/v1/exports/{export}/bundle", await shop.export(acme, export)
    async with served(shop.api) as server:
        client = server.as_(acme.key)
        async with client.stream("GET", path) as begun:
            some = await anext(begun.aiter_bytes(1000))
        rest = await client.get(path, headers={"range": "bytes=1000-", "if-range": begun.headers["etag"]})
        anew = await client.get(path, headers={"range": "bytes=1000-", "if-range": '"another"'})
        behind = await client.get(path, headers={"range": f"bytes={told['bytes']}-"})
        end = await client.get(path, headers={"range": "bytes=-7"})
    assert (rest.status_code, anew.status_code, behind.status_code, end.status_code) == (206, 200, 416, 206)
    assert rest.headers["content-range"] == f"bytes 1000-{told['bytes'] - 1}/{told['bytes']}"
    assert behind.headers["content-range"] == f"bytes */{told['bytes']}"
    assert sha256(some + rest.content).hexdigest() == sha256(anew.content).hexdigest() == told["sha256"]
    assert end.content == anew.content[-7:]
    assert await shop.types(acme) == ["asked", "made", "downloaded", "downloaded"]


async def test_what_an_auditor_takes_along_is_in_the_log_and_unknown_to_others(shop: Scene, acme: Company) -> None:
    auditor, manager = await join(shop.api, acme, "auditor"), await join(shop.api, acme, "manager")
    export = await shop.made(Company(auditor.client, acme.tenant, auditor.id, auditor.key))
    assert problem(await manager.client.get(f"/v1/exports/{export}/bundle")) == "not_permitted"
    assert (await auditor.client.get(f"/v1/exports/{export}/bundle")).status_code == 200
    asked, _, downloaded = await shop.log(acme)
    assert (asked["actor"], downloaded["member_id"]) == (auditor.id, auditor.id)
    reads = (await acme.ok("GET", "/v1/reads"))["items"]
    assert [one["asked"] for one in reads if one["what"] == "get_export_bundle"] == [{"export": export}]
    other = await shop.api.company("Other")
    assert await answers_to(other, export) == await answers_to(other, uuid7())
    assert (await other.ok("GET", "/v1/exports"))["items"] == []


async def answers_to(company: Company, export: str) -> list[tuple[int, str]]:
    asked = [("GET", ""), ("GET", "/bundle"), ("PUT", "/cancellation")]
    answers = [await company.client.request(method, f"/v1/exports/{export}{what}") for method, what in asked]
    return [(answer.status_code, answer.text) for answer in answers]


async def test_cancelled_while_it_is_made(shop: Scene, acme: Company) -> None:
    export = await shop.asked(acme)
    with held_up(shop.api.dsn):
        looking = asyncio.create_task(shop.looked())
        await shop.in_the_middle(acme, export)
        await acme.ok("PUT", f"/v1/exports/{export}/cancellation")
        await shop.shown()
        await looking  # while nothing is let go: it ends for being cancelled
    assert (await shop.export(acme, export))["status"] == "cancelled"
    assert problem(await acme.client.get(f"/v1/exports/{export}/bundle")) == "export_gone"
    assert shop.files() == []


async def test_a_worker_that_is_killed_leaves_it_to_another(shop: Scene, acme: Company) -> None:
    with Running("exporter", DATABASE_URL=shop.api.dsn, ASHIATO_EXPORTS_FOLDER=str(shop.folder)) as worker:
        worker.until("waiting for exports")
        with held_up(shop.api.dsn):
            export = await shop.asked(acme)
            await shop.in_the_middle(acme, export)
            making = psutil.Process(worker.process.pid).children()
            worker.process.kill()
            await asyncio.to_thread(psutil.wait_procs, making, timeout=PATIENCE_SECONDS)
            assert not any(process.is_running() for process in making)
    for lease, status in ((timedelta(hours=1), "asked"), (timedelta(hours=-1), "made")):
        with psycopg.connect(shop.api.dsn) as connection:
            connection.execute(LEASED, (lease, acme.tenant))
        await shop.looked()
        assert (await shop.export(acme, export))["status"] == status
    await download(acme, export)
    assert await shop.types(acme) == ["asked", "made", "downloaded"]
    assert shop.files() == [f"{(await shop.export(acme, export))['sha256']}.tar"]


async def test_who_lost_the_lease_does_not_finish(shop: Scene, acme: Company) -> None:
    export = await shop.asked(acme)
    old, new = shop.exporter(lease=0.0), shop.exporter()
    async with exporters_connection(shop.api.dsn) as another:
        with held_up(shop.api.dsn):
            losing = asyncio.create_task(old.once(shop.connection))
            await shop.in_the_middle(acme, export)
            winning = asyncio.create_task(new.once(another))
            await losing  # while nothing is let go
        await winning
    await shop.shown()
    assert (old.did.made, new.did.made) == (0, 1)
    await download(acme, export)
    assert await shop.types(acme) == ["asked", "made", "downloaded"]


async def test_a_full_disk_fails_one_export_and_no_other(database: str, tmp_path: Path) -> None:
    with small_disk(tmp_path) as folder:
        async with scene(database, folder) as shop:
            company = await shop.api.company("Acme")
            run = await company.run()
            large = await shop.asked(company, formats=["csv", "parquet", "ocel", "ocel-sqlite", "xes", "pdf"])
            small = await shop.asked(company, run=run)
            await shop.looked()
            told = await shop.export(company, large)
            assert (told["status"], told["because"]) == ("failed", "disk_full")
            await download(company, small)
            assert shop.files() == [f"{(await shop.export(company, small))['sha256']}.tar"]


async def test_what_is_over_is_gone(shop: Scene, acme: Company) -> None:
    export = await shop.made(acme)
    await shop.looked(shop.exporter(at=datetime.now(UTC) + timedelta(days=6)))
    await download(acme, export)
    await shop.looked(shop.exporter(at=datetime.now(UTC) + timedelta(days=8)))
    told = await shop.export(acme, export)
    assert (told["status"], told["because"], shop.files()) == ("expired", "time", [])
    assert problem(await acme.client.get(f"/v1/exports/{export}/bundle")) == "export_gone"


async def test_who_is_erased_is_in_no_export_that_is_given_out(shop: Scene, acme: Company, tmp_path: Path) -> None:
    people = [await join(shop.api, acme, "member", name) for name in ("Sorano", "Haruka")]
    for person in people:
        await acme.ok("DELETE", f"/v1/members/{person.id}", WHY)
    before = await shop.made(acme, formats=["csv"])
    assert b"Sorano" in await download(acme, before)
    await acme.ok("POST", "/v1/erasures", {"member": people[0].id, **WHY})
    assert problem(await acme.client.get(f"/v1/exports/{before}/bundle")) == "export_gone"
    during = await shop.asked(acme, formats=["csv"])
    with held_up(shop.api.dsn):
        looking = asyncio.create_task(shop.looked())
        await shop.in_the_middle(acme, during)
        await acme.ok("POST", "/v1/erasures", {"member": people[1].id, **WHY})
    await looking
    await shop.looked()
    archive = await download(acme, during)
    assert not [name for name in (b"Sorano", b"Haruka") if name in archive]
    assert await shop.types(acme) == ["asked", "made", "downloaded", "asked", "expired", "made", "downloaded"]
    verified(unpacked(archive, tmp_path / "out"))


async def test_a_job_is_forgotten_once_it_is_over_and_kept_while_it_waits(shop: Scene, acme: Company) -> None:
    made, waits = await shop.made(acme), await shop.asked(acme)
    assert await jobs.take(shop.connection, acme.tenant, waits, 30.0)
    for left in ({made, waits}, {waits}):
        assert kept_jobs(shop) == left
        with psycopg.connect(shop.api.dsn) as connection:
            connection.execute(LEASED, (timedelta(hours=-2), acme.tenant))
        await jobs.forget(shop.connection)
    await shop.looked()
    with psycopg.connect(shop.api.dsn) as connection:
        connection.execute(LEASED, (timedelta(hours=-2), acme.tenant))
    await shop.looked()
    assert kept_jobs(shop) == set()


def kept_jobs(shop: Scene) -> set[str]:
    with psycopg.connect(shop.api.dsn) as connection:
        return {export for (export,) in connection.execute("SELECT export_id::text FROM export_jobs")}


async def test_what_is_made_has_not_failed_though_read_models_do_not_show_it(shop: Scene, acme: Company) -> None:
    await shop.asked(acme)
    await shop.exporter().once(shop.connection)
    with psycopg.connect(shop.api.dsn) as connection:
        connection.execute(LEASED, (timedelta(minutes=-1), acme.tenant))
        connection.execute("UPDATE export_jobs SET epoch = 10")
    with capture_logs() as logs:
        await shop.exporter().once(shop.connection)
    assert [one for one in logs if one["log_level"] == "error"] == []
    assert await shop.types(acme) == ["asked", "made"]


async def test_what_cannot_be_removed_is_logged_and_keeps_nothing_else_there(shop: Scene, tmp_path: Path) -> None:
    of_companies = [shop.folder / f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2)]
    for own in of_companies:
        own.mkdir(parents=True)
        (own / f"{uuid7()}.1.tar.part").touch()
    link = of_companies[0] / f"{NOBODYS}.1.bundle"
    link.symlink_to(tmp_path)  # a folder that is a link is left alone
    with capture_logs() as logs:
        await shop.looked()
    assert list(shop.folder.glob("*/*")) == [link]
    assert [one["path"] for one in logs if one["log_level"] == "warning"] == [str(link)]


async def test_what_cannot_be_made_is_refused_at_once(shop: Scene, acme: Company) -> None:
    wrong = [
        *({"formats": ["docx"]}, {"lang": "fr"}, {"since": "2026-01-01"}, {"run": uuid7(), "procedure": uuid7()}),
        *({"since": "2026-01-02T00:00:00Z", "until": "2026-01-02T00:00:00Z"}, {"until": "0001-01-01T00:00:00+23:59"}),
    ]
    answers = [await acme.client.post("/v1/exports", json=asked) for asked in wrong]
    assert [problem(answer) for answer in answers] == ["invalid_input"] * len(wrong)
    assert problem(await acme.client.post("/v1/exports", json={"run": uuid7()})) == "not_found"
    full = [problem(one) if one.status_code != 202 else "" for one in [await ask(acme) for _ in range(11)]]
    assert full == [""] * 10 + ["too_many_exports"]
    assert await shop.types(acme) == ["asked"] * 10


async def ask(company: Company) -> httpx2.Response:
    return await company.client.post("/v1/exports")
