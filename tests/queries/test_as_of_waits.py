"""A past that the read models have not scanned yet is waited for, and else refused: never guessed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commands.procedures import PublishProcedure, SaveDraft
from commands.runs import Comment
from infra.read_store.asking import AsOfNotScanned
from queries.departments import departments
from queries.instant import instant_of
from queries.role_holders import role_holders
from queries.run_comments import run_comments
from queries.seats import seat_holders
from queries.stream_version import stream_version
from queries.trail import trail
from tests.queries.playing import PURCHASE, Company, World, world


async def behind(w: World) -> tuple[Company, str, int]:
    """A company whose last events no read model has scanned; its run and its last sequence."""
    c = await w.company()
    run = await c.start(await c.publish(PURCHASE), "椅子", c.today)
    await w.shown()
    receipt = await c.do(Comment(run, None, "あと少し"))
    w.ask._patience = 0.05
    return c, run, receipt.seq


async def test_nothing_is_told_of_a_past_that_was_not_scanned(database: str) -> None:
    async with world(database) as w:
        c, run, seq = await behind(w)
        for as_of in (seq, datetime.now(UTC)):
            asked = (
                trail(w.ask, c.tenant, as_of=as_of),
                stream_version(w.ask, c.tenant, run, as_of=as_of),
                role_holders(w.ask, c.tenant, as_of=as_of),
                run_comments(w.ask, c.tenant, run, as_of=as_of),
                seat_holders(w.ask, c.tenant, at=c.at, as_of=as_of),
            )
            for question in asked:
                with pytest.raises(AsOfNotScanned):
                    await question
        with pytest.raises(AsOfNotScanned):
            await instant_of(w.ask, c.tenant, seq)


async def test_what_was_scanned_and_what_is_folded_anew_is_told_at_once(database: str) -> None:
    async with world(database) as w:
        c, _, seq = await behind(w)
        assert len(await trail(w.ask, c.tenant, as_of=seq - 1)) == seq - 1
        assert len(await departments(w.ask, c.tenant, as_of=seq)) == 2


async def test_the_answer_comes_as_soon_as_that_past_is_scanned(database: str) -> None:
    async with world(database) as w:
        c, run, seq = await behind(w)
        w.ask._patience = 5.0
        asked = asyncio.create_task(stream_version(w.ask, c.tenant, run, as_of=seq))
        await asyncio.sleep(0.1)
        assert not asked.done()
        await w.shown()
        assert await asked == 3


async def test_a_procedures_title_in_the_trail_is_that_of_then(database: str) -> None:
    async with world(database) as w:
        c = await w.company()
        procedure = await c.publish(PURCHASE)
        then = (await c.events())[-1][1].seq
        await c.do(SaveDraft(procedure, replace(PURCHASE, title="備品等購入")))
        await c.do(PublishProcedure(procedure))
        await w.shown()
        for as_of, title in ((then, "備品購入"), (None, "備品等購入")):
            rows = await trail(w.ask, c.tenant, as_of=as_of)
            assert {row.stream_title for row in rows if row.stream_kind == "procedure"} == {title}
