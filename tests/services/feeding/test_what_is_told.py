"""Who listens hears every change once, in order, whatever happens to the connection."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from random import Random

import pytest

from infra.read_store.news import Stored
from services.feeding.feeds import Feeds
from services.feeding.limits import Limits
from tests.services.feeding.listening import listening, running, told


async def test_a_change_is_told_when_every_read_model_shows_it(database: str) -> None:
    async with running(database) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with listening(acme.client) as feed:
            done = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"note": "済"}})
            seen = await feed.through(done["seq"])
            assert seen == list(range(done["seq"] - done["events"] + 1, done["seq"] + 1))
            assert (await acme.ok("GET", f"/v1/runs/{run}"))["run"]["version"] == done["version"]


async def test_it_says_what_happened_to_what_who_did_it_and_when_and_nothing_else(database: str) -> None:
    async with running(database) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with listening(acme.client) as feed:
            await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"note": "秘密"}})
            change = (await feed.change()).data
            entry = (await acme.ok("GET", "/v1/trail?order=desc&type=run.step_completed"))["items"][0]
        assert change == {
            "seq": entry["seq"],
            "type": "run.step_completed",
            "kind": "run",
            "stream": run,
            "step": "first",
            "actor": acme.owner,
            "at": entry["recorded_at"],
        }


async def test_after_a_cut_thousands_of_events_follow_once_and_in_order(database: str) -> None:
    async with running(database) as server:
        acme = await server.company()
        run = await acme.run()
        async with listening(acme.client, 0) as feed:
            first = await feed.through(3)
        await server.until_empty()
        await server.comments(acme, run, 3_000)
        more = asyncio.create_task(server.comments(acme, run, 1_000))
        async with listening(acme.client, last=feed.last) as feed:
            rest = await feed.through(await more)
        assert [*first, *rest] == [seq for seq, _ in told(database, acme.tenant)]


async def test_it_may_be_resumed_at_any_point(database: str) -> None:
    """Cut after any number of events, any number of times, while others write: what was heard is the log."""
    async with running(database, Limits(look=0.01, waiting=10, stretch=7)) as server:
        acme, other = await server.company(), await server.company("Other")
        run, elsewhere = await acme.run(), await other.run()
        for seed in range(8):
            chance, begin = Random(seed), server.events(acme)
            writing = asyncio.create_task(server.comments(acme, run, chance.randrange(60)))
            beside = asyncio.create_task(server.comments(other, elsewhere, chance.randrange(60)))
            heard: list[int] = []
            last = begin
            while not (writing.done() and beside.done() and last == server.events(acme)):
                async with listening(acme.client, last=last) as feed:
                    for _ in range(chance.randrange(40)):
                        if (heard or [begin])[-1] == server.events(acme):
                            break
                        heard.append((await feed.change()).data["seq"])
                last = heard[-1] if heard else begin
            assert heard == [seq for seq, _ in told(database, acme.tenant) if seq > begin], seed
            await asyncio.gather(writing, beside)


async def test_nothing_rests_on_the_moment_at_which_the_past_meets_the_shared_reading(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shared reading that forgets half of what it read costs its readers a look at their past, and no event."""
    tell, chance = Feeds._tell, Random(1)

    async def forgetful(feeds: Feeds, tenant: str, stored: Sequence[Stored]) -> None:
        if chance.random() < 0.5:
            await tell(feeds, tenant, stored)

    monkeypatch.setattr(Feeds, "_tell", forgetful)
    async with running(database, Limits(look=0.01, stretch=3)) as server:
        acme = await server.company()
        run = await acme.run()
        begin = await server.shown(acme)
        async with listening(acme.client) as feed:
            writing = asyncio.create_task(server.comments(acme, run, 200))
            heard = await feed.through(begin + 150)
            await writing
        assert heard == list(range(begin + 1, heard[-1] + 1))


async def test_companies_hear_of_themselves_alone(database: str) -> None:
    async with running(database) as server:
        acme, other = await server.company(), await server.company("Other")
        run, elsewhere = await acme.run(), await other.run()
        async with listening(acme.client, 0) as one, listening(other.client, 0) as two:
            for _ in range(5):
                await server.comments(acme, run, 10)
                await server.comments(other, elsewhere, 7)
            for feed, company in ((one, acme), (two, other)):
                assert await feed.through(server.events(company)) == [seq for seq, _ in told(database, company.tenant)]
        assert server.events(acme) != server.events(other)


async def test_hundreds_hear_the_same_from_one_reading_of_the_log(database: str) -> None:
    async with running(database, Limits(of_credential=200)) as server, AsyncExitStack() as stack:
        acme = await server.company()
        run = await acme.run()
        begin = await server.shown(acme)
        feeds = [await stack.enter_async_context(listening(acme.client)) for _ in range(200)]
        last = await server.comments(acme, run, 50)
        heard = await asyncio.gather(*(feed.through(last) for feed in feeds))
        assert heard == [list(range(begin + 1, last + 1))] * 200
        told_to_operators = (await server.client.get("/metrics")).text
        assert "ashiato_feeds_open 200.0" in told_to_operators


async def test_a_heartbeat_says_how_far_the_feed_is(database: str) -> None:
    async with running(database, Limits(heartbeat=0.05)) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with listening(acme.client) as feed:
            beat = await feed.block()
            assert (beat.id, beat.data, beat.event) == (server.events(acme), None, None)
            assert beat.comment is not None
            last = await server.comments(acme, run, 1)
            await feed.through(last)
            assert (await feed.block()).id == last


async def test_a_feed_ends_when_its_time_is_over_and_goes_on_where_it_was(database: str) -> None:
    async with running(database, Limits(lasts=0.0)) as server:
        acme = await server.company()
        await acme.run()
        await server.shown(acme)
        async with listening(acme.client, 0) as feed:
            heard = [block.id for block in await feed.rest()]
        assert heard == [seq for seq, _ in told(database, acme.tenant)]
        async with listening(acme.client, last=feed.last) as feed:
            assert await feed.rest() == []


@pytest.mark.parametrize(
    ("query", "header", "status", "code"),
    [
        ("?after=x", None, 422, "invalid_input"),
        ("?after=-1", None, 422, "invalid_input"),
        ("?after=999999", None, 422, "in_the_future"),
        ("?since=1", None, 422, "invalid_input"),
        ("", "999999", 422, "in_the_future"),
        ("", "abc", 400, "invalid_header"),
        ("?after=0", "-7", 400, "invalid_header"),
    ],
)
async def test_where_to_go_on_is_a_sequence_that_there_is(
    database: str, query: str, header: str | None, status: int, code: str
) -> None:
    async with running(database) as server:
        acme = await server.company()
        headers = {"last-event-id": header} if header else {}
        answer = await acme.client.get(f"/v1/feed{query}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
        assert server.feeds.open_now == 0
