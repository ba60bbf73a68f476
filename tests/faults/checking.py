"""Is everything as it was promised? Each check raises AssertionError with what it found."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import psycopg

from domain.ids import TenantId
from domain.runs.events import Commented
from infra.event_store.codec import command_of, decode
from infra.keys.opening import Opening
from infra.read_store.live import Live
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from tests.faults.journal import Answer, Remembered


class Stored(NamedTuple):
    """An event as the log holds it."""

    position: int
    tenant: str
    seq: int
    stream: str
    version: int
    at: str
    body: bytes
    leaf_hash: bytes


EVENTS = """
    SELECT position, tenant_id::text, tenant_seq, stream_id::text, version,
           to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), body, leaf_hash
    FROM events ORDER BY position
"""
# Events without their ledger row; a row whose last event is not the command's; or, where the command changed nothing
# and says so, not in the log at all.
LEDGER_GAPS = """
    WITH written AS (
        SELECT tenant_id, convert_from(body, 'UTF8')::json ->> 'command' AS command,
               max(position) AS last_position, max(tenant_seq) AS last_seq, count(*) AS events
        FROM events GROUP BY 1, 2)
    SELECT c.command_id, w.command FROM commands c
    FULL JOIN written w ON w.tenant_id = c.tenant_id AND w.command = c.command_id::text
    WHERE CASE WHEN w.command IS NULL
               THEN position('"events":0,' IN convert_from(c.result, 'UTF8')) = 0
                    OR NOT EXISTS (SELECT FROM events e WHERE e.position = c.last_position)
               ELSE (c.last_position, c.last_seq) IS DISTINCT FROM (w.last_position, w.last_seq) END
"""


def check_all(dsn: str, remembered: Remembered) -> int:
    """Every promise; how many events were looked at."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        events = [Stored(*row) for row in connection.execute(EVENTS)]
        check_ledger(connection)
        check_comments(connection, events)
    check_order(events)
    check_leaves(events)
    check_answers(events, remembered)
    check_read_models(dsn)
    return len(events)


def check_order(events: Sequence[Stored]) -> None:
    """Positions, each tenant's sequence and each stream's versions are dense; times never go backwards."""
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    seqs: Counter[str] = Counter()
    versions: Counter[tuple[str, str]] = Counter()
    for event in events:
        seqs[event.tenant] += 1
        versions[event.tenant, event.stream] += 1
        place = (event.seq, event.version)
        assert place == (seqs[event.tenant], versions[event.tenant, event.stream]), event
    times = [event.at for event in events]
    assert times == sorted(times)


def check_leaves(events: Sequence[Stored]) -> None:
    """Every leaf hash is that of the stored bytes."""
    for event in events:
        place = f',"log":{{"at":"{event.at}","seq":{event.seq},"tenant":"{event.tenant}"}}}}'.encode()
        leaf = b'{"event":' + event.body + place
        assert hashlib.sha256(b"\0" + leaf).digest() == event.leaf_hash, event


def check_ledger(connection: psycopg.Connection[Any]) -> None:
    """Each command with events has its row in the ledger, and the other way round."""
    gaps: LiteralString = LEDGER_GAPS
    assert connection.execute(gaps).fetchall() == []


def check_comments(connection: psycopg.Connection[Any], events: Sequence[Stored]) -> None:
    """No comment was written twice."""
    stored = [decode(e.position, TenantId(e.tenant), e.seq, datetime.fromisoformat(e.at), e.body) for e in events]
    Opening(connection)(stored)
    comments = Counter(event.text for event, _ in stored if isinstance(event, Commented))
    assert set(comments.values()) <= {1}, comments.most_common(3)


def check_answers(events: Sequence[Stored], remembered: Remembered) -> None:
    """What was acknowledged is there once; what was not is there once or not at all."""
    places: dict[str, list[int]] = {}
    for event in events:
        places.setdefault(command_of(event.body), []).append(event.position)
    for command, answer in remembered.heard.items():
        _check_answer(command, answer, places.get(command, []))
    for command, found in places.items():
        assert found == list(range(found[0], found[-1] + 1)), f"{command} is at {found}"


def _check_answer(command: str, answer: Answer, places: list[int]) -> None:
    if answer.refused:
        assert len(places) <= 1, f"{command} was refused with {answer.refused}, but is at {places}"
        return
    if answer.events or answer.repeated:
        assert places, f"{command} was acknowledged, but is not in the log"
        assert places[-1] == answer.position, f"{command} was told {answer.position}, but is at {places}"
    if answer.events:
        assert len(places) == answer.events, f"{command} was told {answer.events} events, but is at {places}"


def check_read_models(dsn: str) -> None:
    """Caught up, every table is equal to its rebuild, row by row."""
    with Live(dsn, PROJECTIONS) as live:
        while live.step():
            pass
    assert verify(dsn, PROJECTIONS, workers=1) == []
