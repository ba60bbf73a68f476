"""A rebuild verb by verb: each may be the last before a kill, and a roll back loses no event."""

import pytest

from infra.read_store import stages
from infra.read_store.live import Live, connect
from infra.read_store.places import Fenced
from infra.read_store.rebuild import prepare
from infra.read_store.stages import NotReady, Standing
from infra.read_store.verify import verify
from projections.engine import Projection
from projections.progress import progress
from services.demo.generator import DemoCompany
from tests.infra.read_store.test_changed_definition import CHANGED, follow

pytestmark = pytest.mark.usefixtures("company")
HEAD = "SELECT max(position) FROM events"


@pytest.fixture
def dsn(module_database: str, company: DemoCompany) -> str:
    """A database with live rows of the first version, and nothing beside them."""
    with connect(module_database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS progress, progress__next, progress__old CASCADE")
        connection.execute("DELETE FROM projections WHERE name LIKE 'progress%'")
    follow(module_database, progress)
    return module_database


def standing(dsn: str, projection: Projection = progress) -> Standing:
    return stages.status(dsn, [projection])[0]


def head(dsn: str) -> int:
    with connect(dsn) as connection:
        row = connection.execute(HEAD).fetchone()
    assert row
    return int(row[0])


def test_while_the_next_version_is_made_the_old_program_follows(dsn: str) -> None:
    with Live(dsn, [progress]) as old:
        through = stages.replay(dsn, [CHANGED], workers=1)
        assert stages.catch_up(dsn, [CHANGED]) == through == head(dsn)
        old.step()
        assert standing(dsn).version == progress.version
        assert standing(dsn).next_version == CHANGED.version
        stages.go_live(dsn, [CHANGED])
    assert standing(dsn).version == CHANGED.version
    assert standing(dsn).old_version == progress.version


def test_the_projector_of_before_is_fenced_off_by_going_live(dsn: str) -> None:
    stages.replay(dsn, [progress], workers=1)
    with connect(dsn) as connection:
        connection.execute("UPDATE projections SET position = 0 WHERE name = 'progress'")
    with Live(dsn, [progress]) as old:
        stages.go_live(dsn, [progress])
        old.step()
        with pytest.raises(Fenced):
            old.flush()


def test_back_and_forth_the_rows_are_what_the_log_says(dsn: str) -> None:
    stages.replay(dsn, [CHANGED], workers=1)
    stages.go_live(dsn, [CHANGED])
    stages.roll_back(dsn, [progress])
    assert verify(dsn, [progress], workers=1) == []
    stages.roll_back(dsn, [CHANGED])
    assert verify(dsn, [CHANGED], workers=1) == []
    stages.drop(dsn, [CHANGED])
    assert standing(dsn).old_version is None


def test_a_roll_back_catches_up_from_where_the_kept_tables_stood(dsn: str) -> None:
    stages.replay(dsn, [progress], workers=1)
    with connect(dsn) as connection:
        connection.execute("TRUNCATE " + ", ".join(f"progress.{table.table}" for table in progress.tables))
        connection.execute("UPDATE projections SET position = 0 WHERE name = 'progress'")
    stages.go_live(dsn, [progress])
    assert standing(dsn).old_position == 0
    stages.roll_back(dsn, [progress])
    assert standing(dsn).position == head(dsn)
    assert verify(dsn, [progress], workers=1) == []


def test_tables_that_miss_a_parked_stream_are_not_kept(dsn: str) -> None:
    stages.replay(dsn, [progress], workers=1)
    with connect(dsn) as connection:
        connection.execute(
            "INSERT INTO parked_streams (tenant_id, projection, stream_id, version, seq, position, type, error) "
            "SELECT tenant_id, 'progress', stream_id, version, tenant_seq, position, type, 'ValueError' "
            "FROM events WHERE position = 1"
        )
    stages.go_live(dsn, [progress])
    assert standing(dsn).old_version is None
    with pytest.raises(NotReady, match="there are none"):
        stages.roll_back(dsn, [progress])
    assert verify(dsn, [progress], workers=1) == []


def test_only_a_program_that_folds_the_kept_version_rolls_back(dsn: str) -> None:
    with pytest.raises(NotReady, match="there are none"):
        stages.roll_back(dsn, [progress])
    stages.replay(dsn, [CHANGED], workers=1)
    stages.go_live(dsn, [CHANGED])
    with pytest.raises(NotReady, match=f"they are of version {progress.version}"):
        stages.roll_back(dsn, [CHANGED])
    assert standing(dsn).version == CHANGED.version


def test_a_replay_cut_short_is_seen_cannot_go_live_and_may_be_aborted_or_begun_again(dsn: str) -> None:
    with connect(dsn) as connection:
        prepare(connection, [progress])
    assert standing(dsn).unfinished
    for verb in (stages.catch_up, stages.go_live):
        with pytest.raises(NotReady, match="expected replayed tables"):
            verb(dsn, [progress])
    stages.abort(dsn, [progress])
    assert not standing(dsn).unfinished
    stages.replay(dsn, [progress], workers=1)
    stages.go_live(dsn, [progress], keep=False)
    assert standing(dsn).old_version is None
