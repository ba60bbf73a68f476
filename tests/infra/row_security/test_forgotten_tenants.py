"""Every SQL constant of the program says whose rows it means; the few that mean everyone's say why."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import infra
import queries
import services
from infra.event_store.wire import Statement
from queries.asking import Question
from queries.procedures_seen import PROCEDURE_SEEN, TO_SEE_PROCEDURES
from queries.seen import OUTSIDERS_LOOK_AT, RUN_SEEN
from services.database import prepare
from tests.infra.row_security.catalogue import relations
from tests.infra.row_security.forgotten import forgotten, tables

SQL = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b(?! %s)")
EVERY_TENANTS = {
    "infra.read_store.source.BATCH": "the projector folds every tenant's events",
    "infra.read_store.source.BETWEEN": "the projector folds every tenant's events",
    "infra.read_store.parking.PARKED": "the projector minds every tenant's parked streams",
    "infra.read_store.standing.WAITING": "the operator is told of every company's parked streams",
    "infra.read_store.standing.TOPICS": "the operator is told of the whole topic",
    "infra.read_store.standing.ASK_AGAIN": "the operator has every company's parked streams tried again",
    "infra.read_store.cutover": "a rebuild has folded every tenant's streams: none waits any more",
    "infra.kafka.relay.BATCH": "the relay sends every tenant's events",
    "infra.kafka.source.BODIES": "the projector folds every tenant's events",
    "infra.kafka.relay.REST": "the relay sends every tenant's events",
    "infra.read_store.parts.STREAMS": "a rebuild replays every tenant's streams",
    "infra.read_store.rebuild.HEAD": "how long the log is",
    "infra.read_store.cutover.KEEP": "tables are kept of every tenant or none: does any tenant's stream wait?",
    "infra.read_store.deadlines.DUE": "the scheduler carries out every company's deadlines",
    "infra.read_store.deadlines.DUE_FIRST": "the scheduler carries out every company's deadlines",
    "infra.read_store.deadlines.NEXT": "the scheduler carries out every company's deadlines",
    "infra.read_store.deadlines.LATE": "the operator is told of every company's deadlines",
    "infra.read_store.export_jobs.WAITING": "the exporter makes every company's exports",
    "infra.read_store.export_jobs.GONE": "the exporter lets go of every company's jobs that are over",
    "infra.read_store.export_jobs.OVER": "the exporter ends every company's exports",
    "infra.read_store.export_jobs.BACKLOG": "the operator is told of every company's exports",
    "infra.evidence.rounds.EVENTS": "checkpoints are signed of every tenant's log",
    "infra.evidence.rounds.LAST": "checkpoints are signed of every tenant's log; these are named",
    "infra.evidence.verifying.TENANTS": "verify looks at every tenant's log",
    "infra.evidence.anchoring.WAITING": "every tenant's checkpoints are anchored",
    "infra.evidence.anchoring.WAITING_FOR_WEBHOOKS": "every tenant's checkpoints are anchored",
    "infra.evidence.anchoring.UNANCHORED": "the operator is told of every tenant's checkpoints",
    "infra.evidence.alarms.RAISE": "verify looks at every tenant's log",
    "infra.evidence.alarms.ALARMS": "the operator looks after every tenant's alarms",
    "infra.evidence.alarms.CLOSE": "the operator looks after every tenant's alarms",
    "infra.evidence.keyring.LAST_OF_ALL": "a new key signs every tenant's last checkpoint again",
    "infra.read_store.news.NEWS": "feeds of every company share one reading of the log",
    "services.database": "which master key wraps the database's keys?",
    "services.keeping.ERASURES": "the operator lists every company's erasures",
    "services.keeping.KEYS": "the operator wraps every company's keys anew",
    "services.keeping.COMPANIES": "the operator lists what every company need not keep",
    "services.lapsing.COMPANIES": "the operator names a company",
    "services.demo.command": "is the log empty?",
    "services.demo.first_run": "is the log empty?",
    "services.doctor_of_keys.ERASURES": "the doctor looks at every company's keys",
    "services.doctor_of_kafka.DEAD": "the doctor looks at the whole topic",
    "services.doctor.HEAD": "the doctor looks at the whole log",
    "services.doctor.EVENTS": "the doctor looks at the whole log",
    "services.doctor.LEDGER": "the doctor looks at the whole log",
    "services.doctor.LAG": "the doctor looks at the whole log",
    "services.link.PEOPLE": "whoever may use the database makes links for every company",
    "services.console.links.OPEN": "a pass is found by the SHA-256 of its secret, before a tenant is known",
    "services.console.links.FIND": "a pass is found by the SHA-256 of its secret, before a tenant is known",
    "services.console.links.LEAVE": "a pass is found by the SHA-256 of its secret, before a tenant is known",
}
"""Statements that mean the rows of every tenant, and why."""


@pytest.fixture(scope="module")
def names(module_database: str) -> set[str]:
    """Every table whose rows are a tenant's."""
    prepare(module_database)
    with psycopg.connect(module_database) as connection:
        return {one.name.split(".")[1] for one in relations(connection) if one.has_tenant}


def statements() -> Iterator[tuple[str, str]]:
    """Every SQL constant of the program: where it stands, and its text."""
    for package in (queries, infra, services):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                text = value.sql if isinstance(value, (Question, Statement)) else value
                if isinstance(text, str) and SQL.match(text) and _is_made_in(module.__file__, name):
                    yield f"{found.name}.{name}", text
            yield from ((found.name, text) for text in _within_functions(module.__file__))


def _is_made_in(file: str | None, name: str) -> bool:
    """Whether a name is assigned in a file, and not only imported."""
    return bool(re.search(rf"^{name}(: .*)? = ", Path(file or "").read_text(encoding="utf-8"), re.MULTILINE))


def _within_functions(file: str | None) -> Iterator[str]:
    tree = ast.parse(Path(file or "").read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
                    yield node.value


def test_no_statement_forgets_its_tenant(names: set[str]) -> None:
    ours = [(where, text) for where, text in statements() if names_any(text, names)]
    faults = {where: left for where, text in ours if (left := forgotten(text, names))}
    assert {where: left for where, left in faults.items() if where not in EVERY_TENANTS} == {}
    assert sorted(EVERY_TENANTS.keys() - faults.keys()) == []


def names_any(text: str, names: set[str]) -> bool:
    """Whether a statement names a tenant's table; what is put together while the program runs cannot be read here."""
    return "{}" not in text and bool(re.search(rf"\b({'|'.join(names)})\b", text))


UNFOLDED = {"api_key_uses", "auditor_reads", "parked_streams", "export_jobs", "events"}
"""What no event tells has no past, so nothing is folded for it; the log is not folded either."""


def test_every_question_names_the_tables_that_it_reads(names: set[str]) -> None:
    for found in pkgutil.walk_packages(queries.__path__, "queries."):
        for question in vars(importlib.import_module(found.name)).values():
            if isinstance(question, Question):
                outsiders = OUTSIDERS_LOOK_AT if RUN_SEEN in question.sql else ()  # `asked_by_outsiders`
                procedures = TO_SEE_PROCEDURES if PROCEDURE_SEEN in question.sql else ()
                named = {*question.reads, *question.labels, *outsiders, *procedures}
                assert tables(question.sql, names) - UNFOLDED == named, found.name


GOOD = [
    "SELECT title FROM task WHERE tenant_id = %(tenant)s AND (title = 'x' OR title = 'y')",
    "SELECT title FROM task WHERE (tenant_id = %s::uuid) AND title = %s",
    "SELECT FROM task t JOIN person p ON p.tenant_id = t.tenant_id WHERE t.tenant_id = %(tenant)s",
    "SELECT FROM task t LEFT JOIN person p ON p.tenant_id = t.tenant_id WHERE t.tenant_id = %(tenant)s",
    "SELECT FROM task t WHERE t.tenant_id = %s AND EXISTS (SELECT FROM person WHERE t.tenant_id = person.tenant_id)",
    "WITH task AS (SELECT * FROM person WHERE tenant_id = %(tenant)s) SELECT * FROM task",
    "SELECT FROM unnest(%s, %s) w (tenant, member) JOIN person p ON p.tenant_id = w.tenant AND p.member_id = w.member",
    "DELETE FROM task WHERE tenant_id = %(tenant)s",
    "INSERT INTO task (tenant_id, title) VALUES (%(tenant)s, 'x')",
]
BAD = {
    "SELECT title FROM task": ["task"],
    "SELECT title FROM tasks.task WHERE run_id = %(run)s": ["task"],
    "SELECT title FROM task WHERE tenant_id = %(member)s": ["task"],
    "SELECT title FROM task WHERE tenant_id = %(tenant)s OR title = 'x'": ["task"],
    "SELECT title FROM task WHERE NOT tenant_id = %(tenant)s": ["task"],
    "SELECT title FROM task WHERE tenant_id <> %(tenant)s": ["task"],
    "SELECT title FROM task WHERE tenant_id = tenant_id": ["task"],
    "SELECT FROM task t LEFT JOIN person p ON p.member_id = t.assignee WHERE t.tenant_id = %(tenant)s": ["p"],
    "SELECT FROM task t JOIN person p ON p.tenant_id = t.tenant_id": ["p", "t"],
    "SELECT FROM task t LEFT JOIN person p ON p.tenant_id = %(tenant)s AND t.tenant_id = %(tenant)s": ["t"],
    "SELECT FROM task t, person p WHERE t.tenant_id = %(tenant)s AND p.member_id = t.assignee": ["p"],
    "SELECT FROM task WHERE tenant_id = %(tenant)s AND assignee IN (SELECT member_id FROM person)": ["person"],
    "SELECT FROM task WHERE tenant_id = %(tenant)s UNION ALL SELECT FROM task": ["task"],
    "WITH late AS (SELECT * FROM task) SELECT * FROM late WHERE tenant_id = %(tenant)s": ["task"],
    "SELECT (SELECT count(*) FROM task)": ["task"],
    "UPDATE task SET title = 'x' WHERE run_id = %(run)s": ["task"],
    "DELETE FROM task": ["task"],
    "INSERT INTO task (title) VALUES ('x')": ["task"],
}


@pytest.mark.parametrize("statement", GOOD)
def test_a_statement_that_names_its_tenant_passes(statement: str) -> None:
    assert forgotten(statement, {"task", "person"}) == []


@pytest.mark.parametrize("statement", BAD)
def test_a_statement_that_forgets_its_tenant_is_found(statement: str) -> None:
    assert forgotten(statement, {"task", "person"}) == BAD[statement]
