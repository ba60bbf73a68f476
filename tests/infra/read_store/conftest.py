"""A log of half a year of a small company's work, made by commands; shared by the tests of read models."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvloop

from infra.read_store.making import connect
from projections.catalogue import PROJECTIONS
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


@pytest.fixture
def no_read_models(module_database: str) -> Iterator[None]:
    """Every test that uses it leaves no read model behind."""
    yield
    with connect(module_database) as connection:
        for schema in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ %s", (f"^({'|'.join(p.name for p in PROJECTIONS)})",)
        ).fetchall():
            connection.execute(f"DROP SCHEMA {schema[0]} CASCADE")
        connection.execute("DELETE FROM projections")
