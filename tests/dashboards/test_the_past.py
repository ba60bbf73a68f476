"""What somebody had a part in years ago costs nothing now: plans for a partner in a company that is years old."""

from collections.abc import Mapping

import psycopg
import pytest
from psycopg import sql

from domain.confidential import SEES_ALL
from domain.tenants.permissions import MAY
from queries.seen import Viewer
from queries.weeks import weeks_until
from services.database import prepare
from tests.dashboards.asked import DASHBOARDS, PAGE, Asked, asked_by
from tests.dashboards.filling import END, Filled, fill, lived
from tests.dashboards.plans import Explaining

EVENTS = 40_000
A_STAFF = 1
"""No more people than the company that is copied has: what is filled is nine lives of it."""
TIMES = 6
"""So often a question looks at the same few runs at most: at their starts and ends, for each of its measures."""
TABLES = ("run_part", "run_progress", "step_progress", "step_turn", "step_return")
ROWS = sql.SQL("""
    SELECT count(*) FROM {} WHERE tenant_id = %(tenant)s AND run_id IN (
        SELECT run_id FROM run_part
        WHERE tenant_id = %(tenant)s AND part = %(member)s AND until >= %(since)s::date)
""")
BUSIEST = """
    SELECT by::text, procedure_id::text, department, step_id, max(run_id::text) FROM tasks.step_turn
    WHERE tenant_id = %s AND by IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, 1, 2, 3, 4 LIMIT 1
"""


@pytest.fixture(scope="module")
def filled(module_database: str) -> Filled:
    """Read models of a small company's many years."""
    prepare(module_database)
    lived(module_database)
    return fill(module_database, EVENTS, A_STAFF)


def rows_of(dsn: str, tenant: str, member: str, since: str) -> Mapping[str, int]:
    """How many rows the runs have in which a member had a part, of those that were open at `since` or later."""
    given = {"tenant": tenant, "member": member, "since": since}
    with psycopg.connect(dsn) as connection:
        connection.execute("SET search_path TO progress, tasks")
        counted = [connection.execute(ROWS.format(sql.Identifier(table)), given).fetchone() for table in TABLES]
    return {table: row[0] for table, row in zip(TABLES, counted, strict=True) if row}


@pytest.mark.parametrize("name", [name for name in DASHBOARDS if "partner" in asked_by(name)])
async def test_a_partner_is_told_without_a_look_at_what_ended_before(
    module_database: str, filled: Filled, name: str
) -> None:
    weeks = weeks_until(END.date())
    with psycopg.connect(module_database, autocommit=True) as connection:
        busiest = connection.execute(BUSIEST, (filled.huge,)).fetchone()
        assert busiest
        member, procedure, department, step, run = busiest
        viewer = Viewer(member, (), outside=True)
        explaining = Explaining(connection)
        asked = Asked(viewer, member, (), procedure, department, step, run, weeks, END.date())
        await DASHBOARDS[name](explaining, filled.huge, asked)
    ever = rows_of(module_database, filled.huge, member, "1970-01-01")
    then = rows_of(module_database, filled.huge, member, weeks.first.isoformat())
    most = {table: TIMES * rows + PAGE for table, rows in then.items()}
    assert ever["run_progress"] > most["run_progress"]
    assert ever["step_turn"] > most["step_turn"]
    assert {table: rows for table, rows in explaining.looked_at.items() if rows > most.get(table, rows)} == {}


def test_whoever_may_ask_what_people_ever_did_sees_all_runs() -> None:
    assert MAY["read_load"] <= SEES_ALL
