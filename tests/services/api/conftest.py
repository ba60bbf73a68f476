"""A server for each test that asks, and one or two companies on it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.services.api.world import Company, World, world


@pytest_asyncio.fixture
async def api(database: str) -> AsyncIterator[World]:
    """A server on a database of its own."""
    async with world(database) as made:
        yield made


@pytest_asyncio.fixture
async def acme(api: World) -> Company:
    """A company."""
    return await api.company("Acme")


@pytest_asyncio.fixture
async def other(api: World, acme: Company) -> Company:
    """Another company on the same server."""
    return await api.company("Other")
