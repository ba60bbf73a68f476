"""The envelope: idempotency keys, versions, reasons, times; and secrets that are shown once."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from infra.keys.master import BYTES, Master, keys_in, master_of, replace
from tests.services.api.people import problem
from tests.services.api.world import Company, World, world

COMPLETION = "/v1/runs/{}/steps/first/completion"


async def test_a_command_sent_again_is_answered_again(acme: Company, api: World) -> None:
    path = COMPLETION.format(await acme.run())
    first = await acme.ok("PUT", path, {"values": {"note": "a"}}, **{"idempotency-key": "once"})
    before = api.events()
    again = await acme.ok("PUT", path, {"values": {"note": "a"}}, **{"idempotency-key": "once"})
    assert again == first | {"events": 0, "repeated": True}
    assert api.events() == before


async def test_the_same_key_with_another_body_is_refused(acme: Company) -> None:
    path = COMPLETION.format(await acme.run())
    await acme.ok("PUT", path, {"values": {"note": "a"}}, **{"idempotency-key": "once"})
    answer = await acme.client.put(path, json={"values": {"note": "b"}}, headers={"idempotency-key": "once"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency_key_reused")


async def test_a_run_started_twice_with_one_key_is_one_run(acme: Company) -> None:
    body = {"procedure": await acme.procedure(), "subject": "x", "anchors": {"day": "2026-04-01"}}
    found = await asyncio.gather(*(acme.ok("POST", "/v1/runs", body, **{"idempotency-key": "k"}) for _ in range(8)))
    assert len({(answer["run"], answer["version"]) for answer in found}) == 1


async def test_a_starter_adopted_twice_with_one_key_is_one_procedure(acme: Company, api: World) -> None:
    path = "/v1/starter-procedures/it-1/adoption"
    first = await acme.ok("POST", path, None, **{"idempotency-key": "k"})
    before = api.events()
    again = await acme.ok("POST", path, None, **{"idempotency-key": "k"})
    assert (again["procedure"], again["repeated"], api.events()) == (first["procedure"], True, before)


async def test_two_companies_may_use_the_same_key(acme: Company, other: Company) -> None:
    for company in (acme, other):
        made = await company.ok("POST", "/v1/starter-procedures/it-1/adoption", None, **{"idempotency-key": "k"})
        assert not made["repeated"]


async def test_a_stale_version_is_refused(acme: Company) -> None:
    path = COMPLETION.format(await acme.run())
    answer = await acme.client.put(path, json={}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["version"]) == (412, 2)


async def test_the_version_that_was_answered_is_accepted(acme: Company) -> None:
    run = await acme.run()
    answer = await acme.client.put(COMPLETION.format(run), json={})
    following = f"/v1/runs/{run}/steps/second/completion"
    assert (await acme.client.put(following, json={}, headers={"if-match": answer.headers["etag"]})).status_code == 200


async def test_the_answer_says_where_to_wait(acme: Company) -> None:
    answer = await acme.client.put(COMPLETION.format(await acme.run()), json={})
    assert answer.headers["ashiato-seq"] == str(answer.json()["seq"])


@pytest.mark.parametrize("version", ["3", '"x"', "*", '"-1"', '"3', 'W/"3"', '"99999999999999999999"', ""])
async def test_a_version_that_is_none_is_refused(acme: Company, version: str) -> None:
    answer = await acme.client.put(COMPLETION.format(await acme.run()), json={}, headers={"if-match": version})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid_header")


@pytest.mark.parametrize("key", ["", "x" * 201, "é", '""'])
async def test_an_idempotency_key_that_is_none_is_refused(acme: Company, key: str) -> None:
    path = COMPLETION.format(await acme.run())
    answer = await acme.client.put(path, json={}, headers=[(b"idempotency-key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid_header")


@pytest.mark.parametrize("offset", [timedelta(hours=1), timedelta(days=-20_000)])
async def test_a_time_that_cannot_be_is_refused(acme: Company, offset: timedelta) -> None:
    at = (datetime.now(UTC) + offset).isoformat()
    answer = await acme.client.put(COMPLETION.format(await acme.run()), json={"occurred_at": at})
    assert (answer.status_code, answer.json()["field"]) == (422, "occurred_at")


async def test_the_time_claimed_and_the_reason_are_on_record(acme: Company) -> None:
    run, at = await acme.run(), "2026-04-01T00:00:00Z"
    body = {"reason": " 記録漏れ ", "occurred_at": at}
    done = await acme.ok("PUT", COMPLETION.format(run), body)
    found = await acme.ok("GET", f"/v1/trail?stream={run}&type=run.step_completed&wait_for={done['seq']}")
    assert [(e["reason"], e["occurred_at"]) for e in found["items"]] == [("記録漏れ", "2026-04-01T00:00:00Z")]


@pytest.mark.parametrize("path", ["/v1/members", "/v1/api-keys"])
async def test_a_secret_is_shown_once(acme: Company, path: str) -> None:
    body = {"label": "x"} if path == "/v1/api-keys" else {"name": "A", "email": "a@acme.example"}
    first = await acme.ok("POST", path, body, **{"idempotency-key": "k"})
    again = await acme.ok("POST", path, body, **{"idempotency-key": "k"})
    assert first["secret"]
    assert (again["secret"], again["member"], again.get("key")) == (None, first["member"], first.get("key"))
    assert "shown" in again["note"]


async def test_a_sign_up_sent_again_tells_the_company_and_not_the_key(api: World) -> None:
    body = {"company": "Acme", "owner": {"name": "Emi", "email": "emi@acme.example"}}
    first, again = [
        (await api.client.post("/v1/tenants", json=body, headers={"idempotency-key": "k"})).json() for _ in range(2)
    ]
    assert (again["tenant"], again["secret"]) == (first["tenant"], None)


async def test_sign_ups_of_others_are_not_in_each_others_way(api: World) -> None:
    for name in ("a", "b"):
        body = {"company": name, "owner": {"name": "Emi", "email": f"emi@{name}.example"}}
        answer = await api.client.post("/v1/tenants", json=body, headers={"idempotency-key": "k"})
        assert answer.json()["secret"]


ONCE = {"idempotency-key": "once"}
ADDRESS = "akai@acme.example"
INVITATION = f'{{"name":"赤井","email":"{ADDRESS}"}}'.encode()


def kept(dsn: str) -> list[bytes]:
    """What requests are told apart by."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT request_hash FROM commands WHERE request_hash <> ''").fetchall()
    return [bytes(row[0]) for row in rows]


def as_it_was_kept(company: Company, dsn: str) -> None:
    """As the programs before kept it: a plain hash."""
    told = f"POST /v1/members\n{company.owner}\n".encode() + INVITATION
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE commands SET request_hash = %s WHERE request_hash <> ''", (sha256(told).digest(),))


async def invited(company: Company, body: bytes = INVITATION) -> int | str:
    """How many events it was, or the problem."""
    headers = {**ONCE, "content-type": "application/json"}
    answer = await company.client.post("/v1/members", content=body, headers=headers)
    return int(answer.json()["events"]) if answer.is_success else problem(answer)


async def test_a_request_is_not_guessed_from_what_is_kept_of_it(acme: Company, api: World) -> None:
    await acme.ok("POST", "/v1/members", {"name": "青木", "email": "aoki@acme.example"})
    assert kept(api.dsn) == []  # nobody can repeat it
    assert await invited(acme) == 1
    [mark] = kept(api.dsn)
    as_it_was_kept(acme, api.dsn)
    [plain] = kept(api.dsn)
    assert mark == master_of().marks(plain)[0]
    assert Master([os.urandom(BYTES)]).marks(plain)[0][4:] != mark[4:]


async def test_what_an_older_program_kept_still_tells_requests_apart(acme: Company, api: World) -> None:
    assert await invited(acme) == 1
    as_it_was_kept(acme, api.dsn)
    assert await invited(acme) == 0
    assert await invited(acme, INVITATION + b" ") == "idempotency_key_reused"


async def test_requests_are_told_apart_while_the_master_key_of_then_is_kept(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys"
    monkeypatch.setenv("ASHIATO_KEY_FILE", str(path))
    async with world(database) as api:
        acme = await api.company()
        assert await invited(acme) == 1
        old = keys_in(path)
        replace(path, [os.urandom(BYTES), *old])  # while it runs
        assert await invited(acme) == 0
        replace(path, keys_in(path)[:1])
        assert await invited(acme) == "idempotency_key_reused"
        assert sum(len(mark) > 0 for mark in kept(api.dsn)) == 1
