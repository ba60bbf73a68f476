"""A server with exports, and a company there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.services.api.world import Company
from tests.services.exporting.scene import Scene, scene


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
