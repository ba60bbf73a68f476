"""The same seed lives the same life; another one another."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from infra.migrations import migrate
from services.demo.command import LogNotEmpty, plans_for, run_demo
from services.demo.companies import AOBA, MIDORI, company_plans
from services.demo.simulation import Agenda
from tests.services.demo.histories import Stored, lived, log_of

FINGERPRINTS = ("sha256", "key_sha256", "token_sha256")
SMALL = replace(MIDORI, a_month={"fin-2": 4.0, "leg-1": 1.0})
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def told(log: list[Stored]) -> list[object]:
    """The log without what the secrets decide."""
    bodies = [json.loads(stored.body) for stored in log]
    for body, stored in zip(bodies, log, strict=True):
        data = msgspec.to_builtins(stored.event)  # opened: a seal is never the same twice
        body["data"] = {name: value for name, value in data.items() if name not in FINGERPRINTS}
    return [(s.position, s.tenant, s.stream, s.version, s.at, b) for s, b in zip(log, bodies, strict=True)]


def test_the_same_seed_makes_the_same_history(database: str, empty_database: str) -> None:
    migrate(empty_database)
    for dsn in (database, empty_database):
        lived(dsn, 5, 60, [SMALL, replace(SMALL, name="株式会社もう一つ")])
    assert told(log_of(database)) == told(log_of(empty_database))


def test_another_seed_makes_another_history(database: str, empty_database: str) -> None:
    migrate(empty_database)
    lived(database, 5, 20, [SMALL])
    lived(empty_database, 6, 20, [SMALL])
    assert told(log_of(database)) != told(log_of(empty_database))


def test_secrets_come_from_the_machine_not_from_the_seed(database: str, empty_database: str) -> None:
    migrate(empty_database)
    keys = {lived(dsn, 5, 20, [SMALL]).companies[0].owner.key for dsn in (database, empty_database)}
    assert len(keys) == 2


def test_a_log_that_holds_something_is_left_alone(database: str) -> None:
    lived(database, 5, 20, [SMALL])
    before = len(log_of(database))
    with pytest.raises(LogNotEmpty):
        asyncio.run(run_demo(database, 5, bar=False))
    assert len(log_of(database)) == before


def test_the_number_of_events_asked_for_is_about_what_is_made(database: str) -> None:
    demo = asyncio.run(run_demo(database, 5, events=4_000, months=3, bar=False))
    assert 2_500 <= demo.events <= 5_500


def test_more_events_are_made_by_more_companies() -> None:
    assert [len(plans_for(n, 10)) for n in (None, 1_000, 200_000, 1_000_000)] == [2, 2, 4, 20]


def test_every_company_has_its_own_name_and_domain() -> None:
    plans = list(company_plans(40))
    assert len({plan.name for plan in plans}) == len({plan.domain for plan in plans}) == 40


def test_someone_holds_every_role_and_two_where_work_is_checked() -> None:
    for plan in (AOBA, MIDORI):
        held = [role for post in plan.posts for role in post.roles.split() * post.count]
        assert all(held.count(role) >= 2 for role in ("it", "accounting", "legal"))


def test_what_is_put_in_the_past_happens_next() -> None:
    agenda = Agenda(NOON)
    agenda.put(NOON.replace(hour=1), lambda _: None, "")
    at, _ = agenda.take()
    assert at > NOON
