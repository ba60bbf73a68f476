"""No dashboard looks at more than it shows: plans of all of them on filled tables, where one company holds half."""

import importlib
import pkgutil
from collections.abc import Iterator

import psycopg
import pytest

import queries
from domain.tenants.permissions import Permission
from queries.asking import Question
from queries.weeks import weeks_until
from services.database import prepare
from tests.dashboards import asked as dashboards
from tests.dashboards.asked import DASHBOARDS, PAGE, Asked, asked_by, viewers
from tests.dashboards.filling import END, Filled, fill, lived
from tests.dashboards.plans import Explaining

EVENTS = 60_000
FIXED = {
    "department": "departments of a company",
    "person": "people of a company",
    "procedure_card": "procedures of a company",
    "procedure_step": "steps of procedures",
}
"""Tables that grow with a company and not with its work: they may be read as a whole."""
TALLIES = {"run_week", "run_days", "run_count", "due_day", "step_week", "step_time", "step_waiting", "step_doer"}
"""They grow with weeks, days, procedures and steps; of each week asked for all of it may be looked at."""
SIFTED = 6
"""So many rows may be looked at for each that is shown: filters that no index knows leave some out."""
COUNTED = {
    "workload to come": "counts each person's open steps that are due until then; those who have the most come first",
    "load": "counts each person's ready steps; those who have the most come first",
}
"""Dashboards that look at all that is open with the company's people, to know whose page is the first."""
ANOTHER_TIME = {
    "api_keys", "company", "departments", "documents", "erasures", "export_progress", "exports", "handover_steps",
    "handovers", "holds", "instant", "looks", "members", "named_in", "own_work", "past_retention", "plan",
    "procedures_list", "read_models", "reads", "role_holders", "role_titles", "run_comments", "run_detail",
    "seat_entries", "seat_ledger", "seats", "step_title", "stream_version", "trail", "trail_related",
    "who_sees",
}  # fmt: skip
"""Questions that are no dashboards: by a key, of a company's own size, or of all its history (`own_work`, `looks`,
`past_retention`), asked by auditors and for retention, now and then."""


@pytest.fixture(scope="module")
def filled(module_database: str) -> Filled:
    """Read models of some ten thousand events."""
    prepare(module_database)
    lived(module_database)
    return fill(module_database, EVENTS)


@pytest.fixture
def explaining(module_database: str, filled: Filled) -> Iterator[Explaining]:
    """Explains to a reader, in a connection of its own."""
    with psycopg.connect(module_database, autocommit=True) as connection:
        yield Explaining(connection)


def asked(dsn: str, tenant: str, who: Permission) -> Asked:
    """A step that is late now and then, and someone who has something to do."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT procedure_id::text, department, step_id FROM tasks.step_turn WHERE tenant_id = %s "
            "GROUP BY 1, 2, 3 ORDER BY count(*) FILTER (WHERE late) DESC, 1, 2, 3 LIMIT 1",
            (tenant,),
        ).fetchone()
        run = connection.execute(
            "SELECT run_id::text FROM progress.run_progress WHERE tenant_id = %s ORDER BY run_id LIMIT 1", (tenant,)
        ).fetchone()
        busy = connection.execute(
            "SELECT assignee::text, array_agg(DISTINCT role) FROM tasks.task "
            "WHERE tenant_id = %s AND assignee IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
            (tenant,),
        ).fetchone()
    assert row
    assert run
    assert busy
    today = END.date()
    (member, roles), (procedure, department, step) = busy, row
    return Asked(
        viewers(member, roles)[who], member, roles, procedure, department, step, run[0], weeks_until(today), today
    )


@pytest.mark.parametrize(("name", "who"), [(name, who) for name in DASHBOARDS for who in asked_by(name)])
async def test_no_table_that_grows_is_read_from_end_to_end(
    module_database: str, filled: Filled, explaining: Explaining, name: str, who: Permission
) -> None:
    await DASHBOARDS[name](explaining, filled.huge, asked(module_database, filled.huge, who))
    assert explaining.plans
    assert explaining.sequential - set(FIXED) == set()


@pytest.mark.parametrize("name", sorted(set(DASHBOARDS) - set(COUNTED)))
async def test_of_runs_and_steps_no_more_is_looked_at_than_a_page_holds(
    module_database: str, filled: Filled, explaining: Explaining, name: str
) -> None:
    await DASHBOARDS[name](explaining, filled.huge, asked(module_database, filled.huge, "manager"))
    grows = {table: rows for table, rows in explaining.looked_at.items() if table not in FIXED.keys() | TALLIES}
    assert {table: rows for table, rows in grows.items() if rows > SIFTED * PAGE} == {}


async def test_what_reads_a_whole_company_or_a_whole_table_is_found(filled: Filled, explaining: Explaining) -> None:
    every: Question[Filled] = Question("SELECT * FROM run_progress WHERE tenant_id = %(tenant)s", Filled, ())
    await explaining(every, filled.huge, {})
    assert explaining.looked_at["run_progress"] > SIFTED * PAGE
    assert explaining.sequential == set()
    unindexed: Question[Filled] = Question("SELECT name FROM projections WHERE version > 0", Filled, ())
    await explaining(unindexed, filled.huge, {})
    assert explaining.sequential == {"projections"}


def test_every_question_is_a_dashboard_or_has_another_time() -> None:
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(queries.__path__, "queries.")]
    questions = {
        module.__name__.removeprefix("queries.")
        for module in modules
        if any(isinstance(value, Question) for value in vars(module).values())
    }
    called = {value.__module__.removeprefix("queries.") for value in vars(dashboards).values() if callable(value)}
    assert questions - called == ANOTHER_TIME
