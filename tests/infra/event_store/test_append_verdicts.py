"""What `append` says to one command."""

from typing import Any

import psycopg
import pytest

from infra.ids import uuid7
from tests.infra.event_store.appending import OTHER_TENANT, TENANT, Asked, append, log, verdicts, writes

Connection = psycopg.Connection[Any]


def test_a_new_stream_is_appended(connection: Connection) -> None:
    run = uuid7()
    [answer] = append(connection, writes(run, count=2))
    assert (answer.verdict, answer.position, answer.seq) == ("appended", 2, 2)
    assert [(row.stream_id, row.version) for row in log(connection)] == [(run, 1), (run, 2)]


@pytest.mark.parametrize("seen_at", [0, 1, 3], ids=["before-it-was", "behind", "ahead"])
def test_a_stream_at_another_version_is_a_conflict(connection: Connection, seen_at: int) -> None:
    run = uuid7()
    append(connection, writes(run, count=2))
    assert verdicts(connection, writes(run, after=seen_at)) == ["conflict"]
    assert len(log(connection)) == 2


def test_a_stream_that_was_only_looked_at_conflicts_too(connection: Connection) -> None:
    tenant, run = uuid7(), uuid7()
    append(connection, writes(tenant, count=2))
    assert verdicts(connection, Asked(((tenant, 1, False), (run, 0, True)), ((run, 1),))) == ["conflict"]
    assert verdicts(connection, Asked(((tenant, 2, False), (run, 0, True)), ((run, 1),))) == ["appended"]


def test_a_command_writes_several_streams_or_none(connection: Connection) -> None:
    one, two = uuid7(), uuid7()
    both = ((one, 1), (two, 1))
    assert verdicts(connection, Asked(((one, 0, True), (two, 4, True)), both)) == ["conflict"]
    assert log(connection) == []
    assert verdicts(connection, Asked(((one, 0, True), (two, 0, True)), both)) == ["appended"]
    assert [row.stream_id for row in log(connection)] == [one, two]


def test_a_repeated_id_gets_the_first_answer_and_appends_nothing(connection: Connection) -> None:
    run, command = uuid7(), uuid7()
    [first] = append(connection, writes(run, id=command, hash=b"asked", result=b"first"))
    [again] = append(connection, writes(run, after=1, id=command, hash=b"other", result=b"second"))
    assert again == ("duplicate", first.position, first.seq, first.recorded_at, b"first", b"asked")
    assert len(log(connection)) == 1


def test_a_repeated_id_is_a_duplicate_even_where_the_stream_went_on(connection: Connection) -> None:
    run, command = uuid7(), uuid7()
    append(connection, writes(run, id=command))
    append(connection, writes(run, after=1))
    assert verdicts(connection, writes(run, id=command)) == ["duplicate"]


def test_a_command_that_conflicted_may_come_again_under_its_id(connection: Connection) -> None:
    run, command = uuid7(), uuid7()
    assert verdicts(connection, writes(run, after=3, id=command)) == ["conflict"]
    assert verdicts(connection, writes(run, id=command)) == ["appended"]


def test_tenants_share_neither_streams_nor_commands(connection: Connection) -> None:
    run, command = uuid7(), uuid7()
    append(connection, writes(run, id=command, tenant=TENANT))
    assert verdicts(connection, writes(run, id=command, tenant=OTHER_TENANT)) == ["appended"]
    assert [(row.tenant_id, row.tenant_seq) for row in log(connection)] == [(TENANT, 1), (OTHER_TENANT, 1)]
