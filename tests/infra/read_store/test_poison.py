"""An event that cannot be folded parks its stream: nothing else waits, and a retry leaves what a rebuild makes."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
import uvloop

from infra.read_store.live import Live, connect
from infra.read_store.rebuild import rebuild
from infra.read_store.verify import verify
from projections.engine import Projection
from projections.progress import progress
from projections.trail import trail
from services.bootstrap import write_side
from services.demo.companies import AOBA, MIDORI
from services.demo.generator import generate
from tests.infra.read_store.conftest import END
from tests.infra.read_store.poison import SECRET, Stream, follow, parked, poisoned, streams
from tests.projections.census import census
from tests.tampering import GUARD, UNGUARD

ALL = (progress, trail, census)


async def _live_through(dsn: str) -> None:
    async with write_side(dsn) as write:
        await generate(write, seed=4, start=END - timedelta(days=60), end=END, companies=(MIDORI, AOBA))


@pytest.fixture(scope="module")
def lived(module_database: str) -> str:
    """A log of two companies."""
    uvloop.run(_live_through(module_database))
    return module_database


@pytest.fixture
def log(lived: str) -> str:
    """The same log, without read models."""
    with connect(lived) as connection:
        for projection in ALL:
            connection.execute(f"DROP SCHEMA IF EXISTS {projection.name}, {projection.name}__next CASCADE")
        connection.execute("DELETE FROM projections")
        connection.execute("DELETE FROM parked_streams")
    return lived


def of_both_companies(all_of_them: Sequence[Stream]) -> list[Stream]:
    first = all_of_them[len(all_of_them) // 2]
    return [first, next(one for one in all_of_them if one.tenant != first.tenant)]


@pytest.mark.parametrize("projection", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("batch", [1, 7, 311, 10_000])
def test_streams_with_poison_wait_and_a_retry_leaves_what_a_rebuild_makes(
    log: str, projection: Projection, batch: int
) -> None:
    one, other = of_both_companies(streams(log, projection))
    with poisoned(projection, {one.positions[4], one.positions[-1], other.positions[0]}):
        follow(log, *ALL, batch=batch)
        expected = sorted([(one.positions[4], one.id), (other.positions[0], other.id)])
        assert [(found.position, found.stream) for found in parked(log, projection)] == expected
    assert verify(log, [each for each in ALL if each is not projection], workers=1) == []
    with Live(log, ALL):
        assert parked(log, projection) == []
    assert verify(log, ALL, workers=1) == []


def test_who_waits_has_the_rows_of_before_and_nothing_of_later(log: str) -> None:
    one = streams(log, progress)[0]
    with poisoned(progress, {one.positions[5]}):
        follow(log, progress, batch=10_000)
    with connect(log) as connection:
        row = connection.execute(
            "SELECT r.version, e.version FROM progress.run_progress r, events e "
            "WHERE r.run_id = %s AND e.position = %s",
            (one.id, one.positions[4]),
        ).fetchone()
    assert row
    assert row[0] == row[1]


def test_a_stream_with_a_second_poison_goes_on_as_far_as_that(log: str) -> None:
    one = streams(log, progress)[0]
    first, second = one.positions[3], one.positions[6]
    with poisoned(progress, {first, second}):
        follow(log, *ALL)
    with poisoned(progress, {second}):
        with Live(log, ALL):
            [waits] = parked(log, progress)
            assert (waits.position, waits.tries) == (second, 2)
        with Live(log, ALL) as live:
            assert live.retry() == 0
        assert [again.tries for again in parked(log, progress)] == [4]
    with Live(log, ALL):
        assert parked(log, progress) == []
    assert verify(log, ALL, workers=1) == []


def test_what_comes_while_a_stream_waits_is_folded_by_the_retry_in_order(log: str) -> None:
    one = streams(log, progress)[0]
    with poisoned(progress, {one.positions[2]}), Live(log, ALL, batch=50) as live:
        while live.step() and live.position <= one.positions[2]:
            pass
        live.flush()
        assert live.retry() == 0
        while live.step():
            pass
    with Live(log, ALL) as live:
        while live.step():
            pass
    assert parked(log, progress) == []
    assert verify(log, ALL, workers=1) == []


def test_a_retry_tries_what_an_operator_asked_for_alone(log: str) -> None:
    one, other = of_both_companies(streams(log, progress))
    bad = {one.positions[1], other.positions[1]}
    with Live(log, [progress]) as live:
        with poisoned(progress, bad):
            while live.step():
                pass
        with connect(log) as connection:
            connection.execute("UPDATE parked_streams SET asked_at = now() WHERE stream_id = %s", (one.id,))
        assert live.retry(asked_only=True) == 1
        assert [waits.stream for waits in parked(log, progress)] == [other.id]
        assert live.retry(asked_only=True) == 0
        assert live.retry() == 1
    assert verify(log, [progress], workers=1) == []


def test_a_rebuild_that_goes_live_leaves_nobody_waiting(log: str) -> None:
    one = streams(log, progress)[0]
    with poisoned(progress, {one.positions[1]}):
        follow(log, progress)
    rebuild(log, [progress], workers=1)
    assert parked(log, progress) == []
    with Live(log, [progress]) as live:
        while live.step():
            pass
    assert verify(log, [progress], workers=1) == []


def test_a_rebuild_is_strict_and_the_live_tables_stay(log: str) -> None:
    one = streams(log, progress)[0]
    with poisoned(progress, {one.positions[1]}):
        follow(log, progress)
        with pytest.raises(ValueError, match=SECRET):
            rebuild(log, [progress], workers=1)
        assert len(parked(log, progress)) == 1


@pytest.mark.parametrize("spoilt", [b"{", b'{"type":"run.of_tomorrow"}'], ids=["no JSON", "of no known type"])
def test_bytes_that_cannot_be_decoded_park_their_stream_wherever_it_is_folded(log: str, spoilt: bytes) -> None:
    one = streams(log, progress)[0]
    position = one.positions[4]
    with psycopg.connect(log, autocommit=True) as connection:
        connection.execute(UNGUARD)
        body = connection.execute("SELECT body FROM events WHERE position = %s", (position,)).fetchone()
        assert body
        connection.execute("UPDATE events SET body = %s WHERE position = %s", (spoilt, position))
        try:
            follow(log, *ALL)
            assert [(waits.stream, waits.position) for waits in parked(log, progress)] == [(one.id, position)]
            assert [(waits.stream, waits.position) for waits in parked(log, trail)] == [(one.id, position)]
        finally:
            connection.execute("UPDATE events SET body = %s WHERE position = %s", (body[0], position))
            connection.execute(GUARD)
    with Live(log, ALL):
        pass
    assert [parked(log, each) for each in ALL] == [[], [], []]
    assert verify(log, ALL, workers=1) == []


def test_a_crash_between_rows_and_commit_parks_and_moves_nothing(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = streams(log, progress)[0]

    def crash(*_: object) -> None:
        raise psycopg.OperationalError("the connection was lost")

    with poisoned(progress, {one.positions[3]}), Live(log, ALL, batch=10_000) as live:
        with monkeypatch.context() as crashing:
            crashing.setattr("infra.read_store.places.Followed.move", crash)
            live.step()
            with pytest.raises(psycopg.OperationalError):
                live.step()
        assert parked(log, progress) == []
        assert live.position == 0
        while live.step():
            pass
        assert len(parked(log, progress)) == 1
    with Live(log, ALL):
        pass
    assert verify(log, ALL, workers=1) == []


def test_a_crash_in_a_retry_leaves_the_stream_waiting(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = streams(log, progress)[0]

    def crash(*_: object) -> None:
        raise psycopg.OperationalError("the connection was lost")

    with Live(log, ALL) as live:
        with poisoned(progress, {one.positions[3]}):
            while live.step():
                pass
        with monkeypatch.context() as crashing:
            crashing.setattr("infra.read_store.parking.release", crash)
            with pytest.raises(psycopg.OperationalError):
                live.retry()
        [waits] = parked(log, progress)
        assert (waits.position, waits.tries) == (one.positions[3], 1)
        assert live.retry() == 1
    assert verify(log, ALL, workers=1) == []


def test_an_alarm_tells_the_class_and_the_place_and_no_words(log: str) -> None:
    one = streams(log, progress)[0]
    with poisoned(progress, {one.positions[3]}), Live(log, [progress]) as live:
        while live.step():
            pass
        [(name, poison)] = live.news
    [waits] = parked(log, progress)
    assert (name, poison.scope, poison.error) == ("progress", (one.tenant, one.id), waits.error)
    assert waits.error.startswith("ValueError at poison.py:")
    assert SECRET not in waits.error
