"""An export asked for over the API is made, given out, and over; whatever happens meanwhile."""

import io
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest_asyncio

from tests.services.api.world import Company
from tests.services.exporting import Scene, scene


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


def verified(archive: bytes, into: Path) -> subprocess.CompletedProcess[str]:
    """What the program inside says of a downloaded archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")
    [bundle] = into.iterdir()
    program = [sys.executable, "-I", str(bundle / "data" / "verify.py")]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


async def test_asked_for_made_downloaded_and_verified(shop: Scene, acme: Company, tmp_path: Path) -> None:
    export = await shop.asked(acme, formats=["csv", "xes"])
    refused = await acme.client.get(f"/v1/exports/{export}/bundle")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/export_not_made")
    await shop.looked()
    told = await shop.export(acme, export)
    got = await acme.client.get(f"/v1/exports/{export}/bundle")
    assert (told["status"], told["events"]) == ("made", told["size"])
    assert got.headers["etag"] == f'"{told["sha256"]}"' == f'"{sha256(got.content).hexdigest()}"'
    assert int(got.headers["content-length"]) == told["bytes"] == len(got.content)
    said = verified(got.content, tmp_path / "out")
    assert said.returncode == 0, said.stdout + said.stderr
    await shop.shown()
    assert await shop.types(acme) == ["tenant.export_asked", "tenant.export_made", "tenant.export_downloaded"]
    assert shop.files() == [f"{told['sha256']}.tar"]
