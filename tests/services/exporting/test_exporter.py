"""An export is made once, given up or over; whatever happens to its maker, its disk and the people in it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
from structlog.testing import capture_logs

from infra.ids import uuid7
from infra.read_store import export_jobs as jobs
from services.exporter import exporters_connection
from tests.services.api.people import join, problem
from tests.services.api.world import Company
from tests.services.commanding import PATIENCE_SECONDS, Running
from tests.services.exporting.bundles import download, unpacked, verified
from tests.services.exporting.scene import Scene, held_up, scene
from tests.services.exporting.small_disk import small_disk

LEASED = "UPDATE export_jobs SET leased_until = now() + %s WHERE tenant_id = %s"
WHY = {"reason": "本人からの請求"}
NOBODYS = "00000000-0000-7000-8000-000000000000"


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
