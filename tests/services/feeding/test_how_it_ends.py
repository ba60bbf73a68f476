"""Slow readers, a database that is killed, and the end of the program: each is told why, and goes on later."""

import asyncio

import pytest

from services.feeding.limits import Limits
from tests.faults.crashing_server import CrashingServer
from tests.services.api.world import Company
from tests.services.feeding.listening import Deaf, listening, running, told


async def test_a_slow_reader_is_dropped_with_a_reason_and_goes_on_where_it_was(database: str) -> None:
    limits = Limits(waiting=100, slow=0.1, stuck=600.0)
    async with running(database, limits) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with Deaf(server, acme.key) as deaf, listening(acme.client) as quick:
            while not any(reader.is_slow for reader in server.feeds.readers):
                await quick.through(await server.comments(acme, run, 500))
            await quick.through(await server.comments(acme, run, 500))
            said = await deaf.rest()
        ids = [int(line[3:]) for line in said.splitlines() if line.startswith(b"id: ")]
        assert b"event: dropped" in said
        assert b"/problems/feed_too_slow" in said.rpartition(b"event: dropped")[2]
        assert server.feeds.dropped == {"feed_too_slow": 1}
        begin = ids[0]
        async with listening(acme.client, last=ids[-1]) as feed:
            ids += await feed.through(server.events(acme))
        assert ids == list(range(begin, server.events(acme) + 1))


async def test_who_takes_nothing_at_all_is_hung_up_on(database: str) -> None:
    async with running(database, Limits(stuck=0.2, slow=600.0)) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with Deaf(server, acme.key):
            while not server.feeds.dropped:
                await server.comments(acme, run, 500)
            await server.until_empty()
        assert server.feeds.dropped == {"feed_too_slow": 1}


async def test_who_takes_nothing_holds_neither_the_end_of_a_key_nor_that_of_the_program(database: str) -> None:
    async with running(database, Limits(slow=0.1, stuck=1.0, check=0.05)) as server:
        acme = await server.company()
        run = await acme.run()
        made = await acme.ok("POST", "/v1/api-keys", {"label": "x"})
        await server.shown(acme)
        async with Deaf(server, made["secret"]), listening(acme.client) as quick:
            while not any(reader.is_slow for reader in server.feeds.readers):
                await quick.through(await server.comments(acme, run, 500))
            await acme.ok("DELETE", f"/v1/api-keys/{made['key']}", {})
            async with asyncio.timeout(10):
                while server.feeds.open_now > 1:  # noqa: ASYNC110 – what is counted tells nobody
                    await asyncio.sleep(0.01)
        async with Deaf(server, acme.key), listening(acme.client) as quick:
            while not any(reader.is_slow for reader in server.feeds.readers):
                await quick.through(await server.comments(acme, run, 500))
            server.server.stop()
            async with asyncio.timeout(5):  # half of what requests under way are given at the end
                while server.server.server_state.connections:  # noqa: ASYNC110 – what is counted tells nobody
                    await asyncio.sleep(0.01)


async def test_what_waits_for_a_reader_is_bounded(database: str) -> None:
    async with running(database, Limits(waiting=100, slow=600.0, stuck=600.0)) as server:
        acme = await server.company()
        run = await acme.run()
        await server.shown(acme)
        async with Deaf(server, acme.key), listening(acme.client) as quick:
            for _ in range(4):
                await quick.through(await server.comments(acme, run, 500))
                assert max(reader.waiting for reader in server.feeds.readers) <= 100


async def test_the_database_may_be_killed_while_people_listen() -> None:
    with CrashingServer() as database:
        async with running(database.dsn) as server:
            acme = await server.company()
            run = await acme.run()
            begin = await server.shown(acme)
            async with listening(acme.client) as feed:
                heard = await feed.through(await server.comments(acme, run, 20))
                await asyncio.to_thread(database.kill)
                await asyncio.to_thread(database.start)
                heard += await feed.through(await server.comments(acme, run, 20))
            assert heard == [seq for seq, _ in told(database.dsn, acme.tenant) if seq > begin]


async def test_a_feed_ends_with_a_reason_when_the_database_stays_away() -> None:
    with CrashingServer() as database:
        async with running(database.dsn, Limits(answer=0.5, patience=0.5, check=0.1)) as server:
            acme = await server.company()
            run = await acme.run()
            begin = await server.shown(acme)
            async with listening(acme.client) as feed:
                heard = await feed.through(await server.comments(acme, run, 20))
                await asyncio.to_thread(database.kill)
                *_, last = await feed.rest()
                assert last.problem == "unavailable"
            await asyncio.to_thread(database.start)
            await server.comments(acme, run, 20)
            async with listening(acme.client, last=feed.last) as feed:
                heard += await feed.through(server.events(acme))
            assert heard == [seq for seq, _ in told(database.dsn, acme.tenant) if seq > begin]


@pytest.mark.parametrize("readers", [1, 20])
async def test_the_end_of_the_program_is_told_and_not_held(database: str, readers: int) -> None:
    async with running(database, Limits(of_credential=100)) as server:
        acme = await server.company()
        ends = [asyncio.create_task(_to_the_end(acme)) for _ in range(readers)]
        async with asyncio.timeout(30):
            while server.feeds.open_now < readers:  # noqa: ASYNC110 – what is counted tells nobody
                await asyncio.sleep(0.01)
        server.server.stop()
        assert await asyncio.gather(*ends) == ["shutting_down"] * readers
        await server.until_empty()
        async with asyncio.timeout(5):  # half of what requests under way are given at the end
            while server.server.server_state.connections:  # noqa: ASYNC110 – what is counted tells nobody
                await asyncio.sleep(0.01)


async def _to_the_end(acme: Company) -> str:
    async with listening(acme.client) as feed:
        *_, last = await feed.rest()
        return last.problem
