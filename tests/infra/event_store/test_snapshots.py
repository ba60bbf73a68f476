"""A kept state and the events after it are the same as all the events; what another fold kept is not read."""

from collections.abc import Iterator
from inspect import isclass, isfunction
from typing import Any, get_args

import psycopg
import pytest

from commands.states import EMPTY, FOLDS, Kind
from domain.events import Event
from domain.procedures.events import ProcedureEvent
from domain.runs import state as runs
from domain.runs.events import RunEvent
from domain.tenants.events import TenantEvent
from infra.event_store.reader import Reader, pool
from infra.event_store.snapshots import EVERY, FOLDED_BY, Snapshots, decode, encode, fold_hash
from infra.keys.subject_keys import SubjectKeys
from services.demo.generator import DemoCompany
from tests.infra.read_store.conftest import company  # noqa: F401  # the log of these tests
from tests.opened import opened

KINDS: dict[str, Kind] = {"tenant": "tenant", "procedure": "procedure", "run": "run"}
EVENTS: dict[str, Any] = {"tenant": TenantEvent, "procedure": ProcedureEvent, "run": RunEvent}


def streams(dsn: str) -> Iterator[tuple[str, str, Kind, list[Event]]]:
    """Every stream of the log with a state: tenant, id, kind and events."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT tenant_id::text, stream_id::text, min(type), array_agg(body ORDER BY version) "
            "FROM events GROUP BY 1, 2"
        ).fetchall()
        for tenant, stream, name, bodies in rows:
            kind = KINDS.get(name.partition(".")[0])
            if kind is not None:
                yield tenant, stream, kind, opened(connection, tenant, bodies)


def written(state: object) -> object:
    """A run as it is written down, since forms and their fingerprints are equal only then; others as they are."""
    return runs.kept(state) if isinstance(state, runs.Run) else state


def test_a_state_kept_anywhere_and_the_rest_of_the_events_make_the_whole(
    module_database: str, company: DemoCompany  # noqa: F811
) -> None:
    kept = 0
    for _, _, kind, events in streams(module_database):
        fold = FOLDS[kind]
        whole = fold(events)
        for version in range(0, len(events) + 1, 7):
            state = decode(kind, encode(fold(events[:version])))
            assert written(fold(events[version:], state)) == written(whole)
            kept += 1
    assert kept > 200


async def test_loading_from_a_kept_state_gives_the_state_of_all_events(
    module_database: str, company: DemoCompany  # noqa: F811
) -> None:
    connections = pool(module_database)
    await connections.open()
    keys = SubjectKeys(module_database)
    snapshots = Snapshots(connections, keys)
    reader = Reader(module_database, connections, keys)
    wholes = {}
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute("DELETE FROM snapshots")  # those that the company's work left
    for tenant, stream, kind, events in streams(module_database):
        middle = len(events) // 2
        snapshots.keep(tenant, stream, kind, 0, EVERY, FOLDS[kind](events[:middle]))
        wholes[stream] = (tenant, kind, middle, FOLDS[kind](events))
    await snapshots.stop()
    with psycopg.connect(module_database, autocommit=True) as connection:
        for stream, (_, _, middle, _) in wholes.items():
            connection.execute("UPDATE snapshots SET version = %s WHERE stream_id = %s", (middle, stream))
    read_from_a_state = 0
    for stream, (tenant, kind, middle, whole) in wholes.items():
        loaded = (await reader.load(tenant, {stream: kind}))[stream]  # type: ignore[arg-type]  # it is one
        start = EMPTY[kind] if loaded.state is None else loaded.state
        assert written(FOLDS[kind](loaded.events, start)) == written(whole)
        read_from_a_state += loaded.state is not None and loaded.version == middle
    await reader.stop()
    await keys.stop()
    await connections.close()
    assert read_from_a_state > 50


async def test_a_state_of_another_fold_is_not_read(module_database: str, company: DemoCompany) -> None:  # noqa: F811
    tenant, stream, kind, events = next(streams(module_database))
    with psycopg.connect(module_database, autocommit=True) as connection:
        connection.execute("DELETE FROM snapshots")
        connection.execute(
            "INSERT INTO snapshots VALUES (%s, %s, 1, %s, %s)", (tenant, stream, b"another fold", b"\xc1")
        )
    async with pool(module_database) as connections:
        reader = Reader(module_database, connections)
        loaded = (await reader.load(tenant, {stream: kind}))[stream]  # type: ignore[arg-type]  # it is one
        await reader.stop()
    assert loaded.version == 0
    assert len(loaded.events) == len(events)


@pytest.mark.parametrize("kind", KINDS)
def test_the_fold_of_each_kind_has_a_fingerprint_of_its_own(kind: str) -> None:
    assert len(fold_hash(kind)) == 32
    assert len({fold_hash(other) for other in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_folds_a_kind_is_in_its_fingerprint(kind: str) -> None:
    held = [value for module in FOLDED_BY[kind] for value in vars(module).values()]
    used = [value for value in held if isclass(value) or isfunction(value)]
    folding = {one.__module__ for one in (*used, *get_args(EVENTS[kind]))}
    own = {name for name in folding if name.startswith(f"domain.{kind}s.")}
    assert own == {module.__name__ for module in FOLDED_BY[kind]}
