"""Is what is shown what the log says? Rebuild beside the live tables and compare row by row."""

from collections.abc import Sequence

from infra.read_store.cutover import throw_away
from infra.read_store.differing import Difference, differences
from infra.read_store.helping import Progress
from infra.read_store.live import connect
from infra.read_store.parts import NEXT
from infra.read_store.rebuild import alone, prepare_and_replay
from projections.engine import Projection

POSITIONS = "SELECT name, position FROM projections WHERE name = ANY (%s) ORDER BY name FOR UPDATE"


class PartitionsApart(Exception):
    """Read models that follow a topic are not at one position of the log just now."""


def verify(
    dsn: str, projections: Sequence[Projection], workers: int = 2, progress: Progress | None = None
) -> list[Difference]:
    """Compare every table with its rebuild at the same position; an empty list is the good news.

    The live projector is held back for as long as that takes; writers are not. Raises RebuildUnderWay, PartitionsApart.
    """
    with alone(dsn):
        found = _compared(dsn, projections, workers, progress)
        throw_away(dsn, projections, NEXT)
    return found


def _compared(
    dsn: str, projections: Sequence[Projection], workers: int, progress: Progress | None
) -> list[Difference]:
    names = [p.name for p in projections]
    found: list[Difference] = []
    with connect(dsn) as connection, connection.transaction():
        rows = connection.execute(POSITIONS, (names,)).fetchall()
        cuts = dict(rows)
        if len(set(rows)) > len(cuts):
            raise PartitionsApart("expected all partitions of the topic to be read equally far, but they are not")
        for cut in set(cuts.values()):
            here = [p for p in projections if cuts[p.name] == cut]
            # The live projector waits for us: whoever gives way here makes it wait for all others.
            prepare_and_replay(dsn, here, workers, progress, cut, gives_way=False)
            for projection in here:
                found += differences(connection, projection, projection.name + NEXT)
    return found
