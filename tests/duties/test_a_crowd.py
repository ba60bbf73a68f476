"""64 clients start, complete, reassign, move, hand over, undo and leave at random; then everything is recounted."""

from contextlib import nullcontext
from random import Random

import pytest

from services.database import prepare
from services.program import projecting
from tests.commands.desks import desks
from tests.duties.crowd import Crowd, check

CLIENTS, SECONDS = 64, 3.0


@pytest.mark.parametrize("projected", [True, False])
async def test_every_step_has_one_assignee_and_every_handover_its_proof(database: str, projected: bool) -> None:
    """Whether read models follow closely, or there are none at all."""
    if projected:
        prepare(database)
    async with desks(database, 2) as both:
        crowd = Crowd(both, Random(1))
        with projecting(database) if projected else nullcontext():
            await crowd.work(CLIENTS, SECONDS)
    check(database, crowd)
    assert crowd.answers["hand_over"] > 0
    assert crowd.answers["complete_step"] > 0
