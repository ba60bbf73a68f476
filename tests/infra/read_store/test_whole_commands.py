"""Read models never show a part of what one command did, however small the batches."""

import psycopg

from commands.duties import HandOver
from domain.tenants.handovers import Rule
from infra.read_store.live import Live, connect, ensure
from projections.catalogue import PROJECTIONS
from tests.commands.desks import desks
from tests.people import AIKO, BUNTA, IKUKO

ENDS = "SELECT last_position FROM commands"
OPEN = "SELECT count(*) FILTER (WHERE assignee = %s), count(*) FILTER (WHERE assignee = %s) FROM tasks.task"


async def test_a_batch_ends_where_a_command_does(database: str) -> None:
    with connect(database) as connection:
        ensure(connection, PROJECTIONS)
    async with desks(database, 1) as [desk]:
        for _ in range(20):
            await desk.start_run()
        await desk.do(HandOver(AIKO, (Rule((IKUKO,)),)), by=BUNTA, reason="異動")
    with psycopg.connect(database, autocommit=True) as looking, Live(database, PROJECTIONS, batch=7) as live:
        ends = {position for (position,) in looking.execute(ENDS)}
        shown = set()
        while live.step():
            live.flush()
            assert live.position in ends
            shown.add(looking.execute(OPEN, (AIKO, IKUKO)).fetchone())
        assert any(found and found[0] > 0 for found in shown)
        assert (0, 20) in shown
        assert all(0 in found for found in shown if found)
