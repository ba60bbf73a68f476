"""What the commands of one batch mean to each other."""

from typing import Any

import psycopg

from infra.ids import uuid7
from tests.infra.event_store.appending import OTHER_TENANT, TENANT, Asked, append, log, verdicts, writes

Connection = psycopg.Connection[Any]


def test_of_two_writers_of_a_stream_the_first_wins(connection: Connection) -> None:
    run = uuid7()
    assert verdicts(connection, writes(run), writes(run)) == ["appended", "conflict"]
    assert len(log(connection)) == 1


def test_who_looked_at_what_an_earlier_one_writes_decides_again(connection: Connection) -> None:
    tenant, run = uuid7(), uuid7()
    looks = Asked(((tenant, 0, False), (run, 0, True)), ((run, 1),))
    assert verdicts(connection, writes(tenant), looks) == ["appended", "conflict"]


def test_who_looked_before_it_is_written_need_not(connection: Connection) -> None:
    tenant, run = uuid7(), uuid7()
    looks = Asked(((tenant, 0, False), (run, 0, True)), ((run, 1),))
    assert verdicts(connection, looks, writes(tenant)) == ["appended", "appended"]


def test_many_may_look_at_one_stream(connection: Connection) -> None:
    tenant = uuid7()
    append(connection, writes(tenant))
    runs = [uuid7() for _ in range(5)]
    looking = [Asked(((tenant, 1, False), (run, 0, True)), ((run, 1),)) for run in runs]
    assert verdicts(connection, *looking) == ["appended"] * 5


def test_one_id_twice_is_appended_once(connection: Connection) -> None:
    command = uuid7()
    assert verdicts(connection, writes(uuid7(), id=command), writes(uuid7(), id=command)) == [
        "appended",
        "conflict",
    ]
    assert len(log(connection)) == 1


def test_each_of_a_mixed_batch_has_its_own_verdict(connection: Connection) -> None:
    old, new, other, known = uuid7(), uuid7(), uuid7(), uuid7()
    append(connection, writes(old, id=known))
    batch = (
        writes(new, count=3),
        writes(old, id=known),
        writes(old, after=7),
        writes(other, count=2, tenant=OTHER_TENANT),
        writes(old, after=1),
    )
    assert verdicts(connection, *batch) == ["appended", "duplicate", "conflict", "appended", "conflict"]


def test_a_tenant_whose_twin_has_the_same_stream_is_not_in_its_way(connection: Connection) -> None:
    run = uuid7()
    assert verdicts(connection, writes(run, tenant=TENANT), writes(run, tenant=OTHER_TENANT)) == ["appended"] * 2


def test_positions_and_sequences_stay_dense_around_refused_commands(connection: Connection) -> None:
    for _ in range(3):
        append(
            connection,
            writes(uuid7(), count=2),
            writes(uuid7(), after=9),
            writes(uuid7(), count=3, tenant=OTHER_TENANT),
        )
    rows = log(connection)
    assert [row.position for row in rows] == list(range(1, 16))
    for tenant, count in ((TENANT, 6), (OTHER_TENANT, 9)):
        assert [row.tenant_seq for row in rows if row.tenant_id == tenant] == list(range(1, count + 1))


def test_an_answer_names_the_last_event_of_its_own_command(connection: Connection) -> None:
    answers = append(connection, writes(uuid7(), count=2), writes(uuid7(), count=3))
    assert [(answer.position, answer.seq) for answer in answers] == [(2, 2), (5, 5)]


def test_a_rolled_back_batch_leaves_no_hole(connection: Connection) -> None:
    append(connection, writes(uuid7()))
    with connection.transaction(force_rollback=True):
        append(connection, writes(uuid7(), count=4))
    [answer] = append(connection, writes(uuid7()))
    assert (answer.position, answer.seq) == (2, 2)
