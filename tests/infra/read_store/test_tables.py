"""Every table of a read model is its row class, and its tenant's first of all."""

import pytest

from infra.read_store.asking import OWNERS
from infra.read_store.live import Live, connect
from infra.read_store.tables import columns
from projections.catalogue import PROJECTIONS
from projections.engine import Row


@pytest.fixture(scope="module")
def made(module_database: str) -> str:
    """A database in which every read model has its tables."""
    with Live(module_database, PROJECTIONS):
        return module_database


def test_every_table_is_its_row_class_column_by_column(made: str) -> None:
    with connect(made) as connection:
        for name, (owner, table) in OWNERS.items():
            found = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
                (f"{owner.name}.{name}",),
            ).fetchall()
            assert [column for (column,) in found] == columns(table), name


def test_every_table_begins_its_key_with_the_tenant(made: str) -> None:
    with connect(made) as connection:
        keys = connection.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'p' AND c.connamespace::regnamespace::text = ANY (%s)",
            ([p.name for p in PROJECTIONS],),
        ).fetchall()
    assert len(keys) == len(OWNERS)
    assert {first for _, first in keys} == {"tenant_id"}


def test_no_row_class_is_a_stranger_to_its_projection() -> None:
    assert all(issubclass(table, Row) for _, table in OWNERS.values())
