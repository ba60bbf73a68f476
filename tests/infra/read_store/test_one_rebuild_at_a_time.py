"""Two rebuilds would empty each other's tables: there is one at a time, and an unfinished one cannot go live."""

import pytest

from infra.read_store.cutover import take_their_place
from infra.read_store.live import Live, connect
from infra.read_store.parts import NEXT
from infra.read_store.rebuild import ALONE, NO_MORE, RebuildUnderWay, alone, prepare, prepare_and_replay, rebuild
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS


@pytest.fixture
def followed(database: str) -> str:
    """A database whose read models exist."""
    with Live(database, PROJECTIONS):
        return database


def test_a_second_rebuild_is_refused(followed: str) -> None:
    with alone(followed), pytest.raises(RebuildUnderWay, match="expected to be the only rebuild"):
        rebuild(followed, PROJECTIONS, workers=1)


def test_a_comparison_is_refused_while_a_rebuild_is_under_way(followed: str) -> None:
    with alone(followed), pytest.raises(RebuildUnderWay):
        verify(followed, PROJECTIONS, workers=1)


def test_the_next_one_may_begin_when_the_first_has_ended(followed: str) -> None:
    assert rebuild(followed, PROJECTIONS, workers=1) == 0
    assert verify(followed, PROJECTIONS, workers=1) == []


def test_the_next_one_may_begin_at_once(followed: str) -> None:
    with connect(followed) as waiting:
        for _ in range(100):
            with alone(followed):
                assert waiting.execute(ALONE).fetchone() == (False,)
            assert waiting.execute(ALONE).fetchone() == (True,)
            waiting.execute(NO_MORE)


def test_an_unfinished_rebuild_cannot_go_live(followed: str) -> None:
    prepare_and_replay(followed, PROJECTIONS, workers=1)
    with connect(followed) as connection:
        prepare(connection, PROJECTIONS)
        with pytest.raises(LookupError, match=NEXT):
            take_their_place(followed, PROJECTIONS)
