"""While a company works and looks, its read models are rebuilt and rolled back; nobody over HTTP notices."""

import asyncio

from infra.read_store import stages
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from services.projector import Projector
from tests.infra.embedded_postgres.servers import wait_until
from tests.services.api.world import Company, World

READERS = 2
STEPS = 3


def back_and_forth(dsn: str) -> None:
    """Rebuild verb by verb, and go back to what was kept."""
    stages.replay(dsn, PROJECTIONS, workers=1)
    stages.go_live(dsn, PROJECTIONS)
    stages.roll_back(dsn, PROJECTIONS)


async def looks(acme: Company, ended: asyncio.Event) -> list[int]:
    """How many open runs the department has, one answer after the other."""
    seen = []
    while not ended.is_set():
        seen.append(await open_runs(acme))
        assert (await acme.ok("GET", "/v1/runs?limit=1"))["items"]
    return seen


async def open_runs(acme: Company) -> int:
    """As the department's progress tells; each is there with all of its steps."""
    (department,) = (await acme.ok("GET", "/v1/progress/departments"))["items"]
    assert department["steps_total"] == STEPS * department["open"]
    return int(department["open"])


async def works(acme: Company, procedure: str, ended: asyncio.Event) -> int:
    """Start one run after the other; how many."""
    count = 0
    while not ended.is_set():
        await acme.run(procedure)
        count += 1
    return count


async def test_who_looks_and_works_notices_nothing(api: World, acme: Company) -> None:
    procedure = await acme.procedure()
    await acme.run(procedure)
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    projector = Projector(api.dsn, PROJECTIONS)
    projector.start()
    try:
        ended = asyncio.Event()
        about = [asyncio.create_task(looks(acme, ended)) for _ in range(READERS)]
        work = asyncio.create_task(works(acme, procedure, ended))
        try:
            await asyncio.to_thread(back_and_forth, api.dsn)
        finally:
            ended.set()
        seen, started = await asyncio.gather(*about), await work
        assert all(one == sorted(one) for one in seen)
        log = api.events()
        await asyncio.to_thread(wait_until, lambda: reached(api.dsn, log))
        assert await open_runs(acme) == 1 + started >= max(map(max, seen))
    finally:
        projector.stop()
    assert await asyncio.to_thread(verify, api.dsn, PROJECTIONS, 1) == []


def reached(dsn: str, position: int) -> bool:
    """Are all read models there?"""
    return {one.position for one in stages.status(dsn, PROJECTIONS)} == {position}
