"""A log of half a year of a small company's work, made by commands; shared by the tests of read models."""

from datetime import UTC, datetime, timedelta

import pytest
import uvloop

from services.bootstrap import write_side
from services.demo.companies import MIDORI
from services.demo.generator import DemoCompany, generate

END = datetime(2026, 10, 1, tzinfo=UTC)


async def _live_through(dsn: str) -> DemoCompany:
    async with write_side(dsn) as write:
        start = END - timedelta(days=180)
        demo = await generate(write, seed=3, start=start, end=END, companies=(MIDORI,))
        return demo.companies[0]


@pytest.fixture(scope="module")
def company(module_database: str) -> DemoCompany:
    """The company whose work the module's database holds."""
    return uvloop.run(_live_through(module_database))
