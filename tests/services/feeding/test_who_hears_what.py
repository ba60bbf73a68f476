"""A feed tells nobody more than they may see, and ends when they may see nothing any more."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.feeding.limits import Limits
from tests.services.api.people import join
from tests.services.api.world import Company
from tests.services.feeding.listening import Feed, Running, listening, running

QUICK = Limits(check=0.05, gather=0.0, heartbeat=0.2)
REASON = {"reason": "権限の確認"}


async def marked(server: Running, acme: Company, *feeds: Feed) -> list[list[str]]:
    """The types of what each feed told until it is as far as the company."""
    last = server.events(acme)
    return [await _types(feed, last) for feed in feeds]


async def _types(feed: Feed, last: int) -> list[str]:
    found: list[str] = []
    while (feed.last or 0) < last:
        block = await feed.block()
        assert block.event is None, block
        found += [block.data["type"]] if block.data else []
    return found


async def test_members_hear_of_runs_and_procedures_and_not_of_the_company(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        member = await join(server, acme, "member")
        last = await server.shown(acme)
        async with listening(acme.client, last) as owner, listening(member.client, last) as feed:
            run = await acme.run()
            await acme.ok("PUT", "/v1/departments/hr", {"title": "人事"})
            refused = await member.client.put(f"/v1/runs/{run}/steps/first/skip", json=REASON)
            assert refused.status_code == 403
            all_of_it, some = await marked(server, acme, owner, feed)
        assert {"tenant.department_added", "command.refused"} <= set(all_of_it)
        assert some == [type_ for type_ in all_of_it if type_.startswith(("run.", "procedure."))]


async def test_a_limited_key_hears_of_the_company_only_when_it_may_read_the_trail(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        only = await acme.ok("POST", "/v1/api-keys", {"label": "x", "only": ["read_feed"]})
        both = await acme.ok("POST", "/v1/api-keys", {"label": "y", "only": ["read_feed", "read_trail"]})
        none = await acme.ok("POST", "/v1/api-keys", {"label": "z", "only": ["read_trail"]})
        assert (await server.as_(none["secret"]).get("/v1/feed")).json()["type"] == "/problems/key_limited"
        last = await server.shown(acme)
        async with (
            listening(server.as_(only["secret"]), last) as one,
            listening(server.as_(both["secret"]), last) as two,
        ):
            await acme.ok("PUT", "/v1/departments/hr", {"title": "人事"})
            assert await marked(server, acme, one, two) == [[], ["tenant.department_added"]]


async def test_a_confidential_run_is_heard_of_from_when_one_has_a_part_in_it(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        member = await join(server, acme, "member")
        procedure = await acme.procedure(confidential=True)
        run = await acme.run(procedure)
        last = await server.shown(acme)
        async with listening(member.client, last) as feed:
            await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": "まだ"})
            assert await marked(server, acme, feed) == [[]]
            await acme.ok("PUT", f"/v1/runs/{run}/steps/first/assignee", {"member": member.id, **REASON})
            assert await marked(server, acme, feed) == [["run.step_reassigned"]]
            await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": "では"})
            assert await marked(server, acme, feed) == [["run.commented"]]
            await acme.ok("PUT", f"/v1/runs/{run}/steps/first/assignee", {"member": acme.owner, **REASON})
            await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": "また"})
            assert await marked(server, acme, feed) == [[]]


async def test_people_from_outside_hear_of_their_runs_and_know_no_strangers(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        partner, admin = await join(server, acme, "partner"), await join(server, acme, "admin")
        theirs, others = await acme.run(), await acme.run()
        await acme.ok("PUT", f"/v1/runs/{theirs}/steps/first/assignee", {"member": partner.id, **REASON})
        last = await server.shown(acme)
        async with listening(partner.client, last) as feed:
            await acme.ok("POST", f"/v1/runs/{others}/comments", {"text": "社内"})
            await admin.client.post(f"/v1/runs/{theirs}/comments", json={"text": "管理"})
            await partner.client.post(f"/v1/runs/{theirs}/comments", json={"text": "社外"})
            await acme.procedure()
            told = [(await feed.change()).data for _ in range(2)]
            assert [(change["stream"], change["actor"]) for change in told] == [(theirs, None), (theirs, partner.id)]
            assert await marked(server, acme, feed) == [[]]


@pytest.mark.parametrize("end", ["revoked", "deactivated", "expired"])
async def test_a_feed_ends_with_what_opened_it(database: str, end: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        member = await join(server, acme, "member")
        soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        limits = {"expires_at": soon} if end == "expired" else {}
        made = (await member.client.post("/v1/api-keys", json={"label": "x", **limits})).json()
        async with listening(server.as_(made["secret"])) as feed, listening(acme.client) as still:
            if end == "revoked":
                await member.client.request("DELETE", f"/v1/api-keys/{made['key']}", json={})
            elif end == "deactivated":
                await acme.ok("DELETE", f"/v1/members/{member.id}", REASON)
            *_, last = await feed.rest()
            assert last.problem == "unauthenticated"
            await acme.run()
            assert "run.started" in (await marked(server, acme, still))[0]
        await server.until_empty()


async def test_what_an_auditor_hears_is_on_record_before_they_hear_it(database: str) -> None:
    async with running(database, QUICK) as server:
        acme = await server.company()
        auditor = await join(server, acme, "auditor")
        last = await server.shown(acme)
        async with listening(auditor.client, last) as feed:
            await acme.run()
            heard = await feed.through(server.events(acme))
            reads = (await acme.ok("GET", "/v1/reads"))["items"]
            assert {read["what"] for read in reads} == {"read_feed"}
            parts = [read["asked"] for read in reads if "through" in read["asked"]]
            on_record = [
                seq for part in reversed(parts) for seq in range(int(part["after"]) + 1, int(part["through"]) + 1)
            ]
            assert on_record == heard
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute("ALTER TABLE auditor_reads RENAME TO elsewhere")
            await acme.ok("PUT", "/v1/departments/hr", {"title": "人事"})
            told = await feed.rest()
            assert [block.data for block in told if block.event is None and block.data] == []
            assert told[-1].problem == "read_not_logged"


async def test_no_more_feeds_than_there_may_be(database: str) -> None:
    async with running(database, Limits(of_credential=2, of_company=3, of_process=4)) as server:
        acme, other = await server.company(), await server.company("Other")
        second, third = await join(server, acme, "admin"), await join(server, acme, "member")
        async with listening(acme.client), listening(second.client), listening(other.client):
            async with listening(acme.client):
                refused = await acme.client.get("/v1/feed")
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
                assert refused.json()["type"] == "/problems/too_many_feeds"
                for who in (third.client, other.client):  # the company's, the process's
                    assert (await who.get("/v1/feed")).status_code == 429
            async with asyncio.timeout(10):
                while server.feeds.open_now > 3:  # noqa: ASYNC110 – what is counted tells nobody
                    await asyncio.sleep(0.01)
            async with listening(third.client):
                assert server.feeds.open_now == 4
        await server.until_empty()
