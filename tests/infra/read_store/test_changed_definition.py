"""A measure that is defined anew is so for all of the past, by a rebuild; until then nobody mixes the two."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from infra.read_store.live import Live, VersionsDiffer, connect
from infra.read_store.rebuild import rebuild
from infra.read_store.verify import verify
from projections.engine import Projection, Rows, Tally
from projections.progress import progress
from projections.progress_tables import RunProgress
from projections.run_tallies import RunWeek, stands_for
from services.demo.generator import DemoCompany

PUNCTUAL = "SELECT sum(completed)::int, sum(clean)::int, min(week) FROM progress.run_week"
NEW = "SELECT count(*)::int FROM progress.run_progress WHERE status = 'completed' AND total = done"


def nothing_skipped(rows: Rows) -> Iterator[Tally]:
    """Another definition of `clean`: of the runs that were completed, those in which every step was done."""
    run = rows.get(RunProgress)
    for tally in stands_for(rows):
        if isinstance(tally, RunWeek) and tally.completed and run is not None:
            yield replace(tally, clean=int(run.total == run.done))
        else:
            yield tally


CHANGED = Projection(
    progress.name,
    progress.version + 1,
    progress.tables,
    progress.ddl,
    progress.handlers,
    progress.finish,
    nothing_skipped,
)


def follow(dsn: str, projection: Projection) -> None:
    with Live(dsn, [projection]) as live:
        while live.step():
            pass


def asked(dsn: str, statement: str) -> Any:
    with connect(dsn) as connection:
        return connection.execute(statement).fetchone()


def test_a_changed_definition_applies_to_the_past_by_a_rebuild(module_database: str, company: DemoCompany) -> None:
    follow(module_database, progress)
    completed, clean, first = asked(module_database, PUNCTUAL)
    with pytest.raises(VersionsDiffer):
        follow(module_database, CHANGED)
    assert asked(module_database, PUNCTUAL) == (completed, clean, first)
    rebuild(module_database, [CHANGED], workers=1)
    again, changed, since = asked(module_database, PUNCTUAL)
    assert (again, since) == (completed, first)
    assert changed != clean
    assert (changed,) == asked(module_database, NEW)
    assert since < date(2026, 6, 1)
    follow(module_database, CHANGED)
    assert verify(module_database, [CHANGED], workers=1) == []
    with pytest.raises(VersionsDiffer):
        follow(module_database, progress)
