"""Erasing a person over HTTP: nothing of them is read any more, now or in the past, and everything is still proven."""

import asyncio
from typing import Any

import psycopg
import pytest

from domain.evidence.proofs import proves_consistency
from domain.personal import ERASED
from infra.read_store import stages
from infra.read_store.live import Live
from infra.read_store.stages import NotReady
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from tests.services.api.people import Person, join, problem
from tests.services.api.world import Company, World, definition

WHY = {"reason": "本人からの請求（個人情報保護法 第35条）"}
NAME, ADDRESS, SUBJECT, REMARK, PHONE = "Sorano", "sorano@acme.example", "蒼井 そらの", "旧姓は赤井", "090-1111-2222"
SECRETS = (NAME, ADDRESS, SUBJECT, REMARK, PHONE)


async def somebody(api: World, acme: Company) -> tuple[Person, str]:
    """A member who was refused something and left, and a closed run about them, with a form and a comment."""
    person = await join(api, acme, "member", NAME)
    answer = await person.client.post("/v1/members", json={"name": NAME, "email": ADDRESS})
    assert problem(answer) == "not_permitted"
    await acme.ok("DELETE", f"/v1/members/{person.id}", WHY)
    steps = definition(acme.owner)["steps"]
    steps[0]["fields"] = [{"id": "phone", "title": "電話", "personal": True}, {"id": "note", "title": "メモ"}]
    procedure = await acme.procedure(steps=steps)
    body = {"procedure": procedure, "subject": SUBJECT, "anchors": {"day": "2026-04-01"}}
    run = str((await acme.ok("POST", "/v1/runs", body))["run"])
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"phone": PHONE, "note": "済"}})
    await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": REMARK})
    await acme.ok("PUT", f"/v1/runs/{run}/cancellation", WHY)
    return person, run


async def all_that_is_told(api: World, acme: Company, run: str, *, as_of: int | None = None) -> str:
    """Every answer that tells of them, as text."""
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    asked = f"as_of={as_of}" if as_of is not None else f"wait_for={api.events(acme)}"
    of_run = (f"/v1/runs/{run}", f"/v1/runs/{run}/comments", f"/v1/runs/{run}/steps/first")
    paths = (*of_run, "/v1/members", "/v1/runs", "/v1/trail", "/v1/seats", "/v1/seats/ledger")
    answers = [await acme.client.get(f"{path}?{asked}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    return "\n".join(answer.text for answer in answers)


def raw_rows(dsn: str) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(dsn) as connection:
        names = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname !~ '^pg_|^information_schema$'"
        ).fetchall()
        rows = [connection.execute(f"SELECT t::text FROM {name} t".encode()).fetchall() for (name,) in names]
        bodies = connection.execute("SELECT convert_from(body, 'UTF8') FROM events").fetchall()
        results = connection.execute("SELECT convert_from(result, 'UTF8') FROM commands").fetchall()
    return "\n".join(str(row) for table in (*rows, bodies, results) for row in table)


def told_of(text: str) -> list[str]:
    """What is told of the person in a text."""
    return [secret for secret in SECRETS if secret in text]


async def test_what_is_personal_is_read_by_people_and_is_nowhere_in_the_log(api: World, acme: Company) -> None:
    _, run = await somebody(api, acme)
    told = await all_that_is_told(api, acme, run)
    assert told_of(told) == list(SECRETS)
    with psycopg.connect(api.dsn) as connection:
        rows = connection.execute("SELECT convert_from(body, 'UTF8') FROM events").fetchall()
    assert told_of("\n".join(body for (body,) in rows)) == []


async def test_who_was_erased_is_read_nowhere_now_and_in_the_past(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    before = api.events(acme)
    assert REMARK in await all_that_is_told(api, acme, run, as_of=before)
    made = await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    assert made["erasure"] == made["command"]
    for as_of in (None, before, before - 1):
        told = await all_that_is_told(api, acme, run, as_of=as_of)
        assert told_of(told) == [], as_of
        assert ERASED in told
    assert told_of(raw_rows(api.dsn)) == []
    assert await asyncio.to_thread(verify, api.dsn, PROJECTIONS) == []


def follow(dsn: str) -> list[str]:
    """Bring the read models up to date; those whose kept tables were thrown away meanwhile."""
    with Live(dsn, PROJECTIONS) as live:
        while live.step():
            pass
        return live.dropped


async def test_an_erasure_reaches_the_tables_that_are_kept_for_a_roll_back(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    follow(api.dsn)
    stages.replay(api.dsn, PROJECTIONS, workers=1)
    stages.go_live(api.dsn, PROJECTIONS)
    assert {one.old_version is None for one in stages.status(api.dsn, PROJECTIONS)} == {False}
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    assert follow(api.dsn) == [projection.name for projection in PROJECTIONS]
    assert told_of(raw_rows(api.dsn)) == []
    with pytest.raises(NotReady, match="there are none"):
        stages.roll_back(api.dsn, PROJECTIONS)


async def test_tables_that_have_not_heard_of_an_erasure_are_not_kept(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    follow(api.dsn)
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    stages.replay(api.dsn, PROJECTIONS, workers=1)
    stages.go_live(api.dsn, PROJECTIONS)
    assert told_of(raw_rows(api.dsn)) == []
    assert {one.old_version for one in stages.status(api.dsn, PROJECTIONS)} == {None}


async def test_the_erasure_stands_in_the_trail_with_its_reason(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    made = await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    entries = (await acme.ok("GET", f"/v1/trail?wait_for={made['seq']}&limit=200"))["items"]
    mine = [e for e in entries if e["type"] in ("tenant.person_erased", "run.subject_erased")]
    assert {(e["type"], e["reason"], e["actor"]) for e in mine} == {
        ("tenant.person_erased", WHY["reason"], acme.owner),
        ("run.subject_erased", WHY["reason"], acme.owner),
    }


async def test_proofs_hold_after_an_erasure(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    held = await acme.ok("GET", "/v1/checkpoints/latest")
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    answer = await acme.client.get("/v1/proofs/consistency", params={"note": held["note"]})
    found: Any = answer.json()
    roots = bytes.fromhex(held["root"]), bytes.fromhex(found["checkpoint"]["root"])
    path = [bytes.fromhex(one) for one in found["path"]]
    assert proves_consistency(held["size"], found["checkpoint"]["size"], path, *roots)
    with psycopg.connect(api.dsn) as connection:
        forged = connection.execute(
            "SELECT FROM events WHERE leaf_hash <>"
            " sha256('\\x00'::bytea || log_leaf(body, recorded_at, tenant_seq, tenant_id))"
        ).rowcount
    assert forged == 0


async def test_erased_twice_is_erased_once(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    again = await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    assert (again["events"], again["erasure"]) == (0, None)


async def test_who_is_still_there_is_not_erased(api: World, acme: Company) -> None:
    active = (await join(api, acme, "member")).id
    invited = (await acme.ok("POST", "/v1/members", {"name": "Toru", "email": "toru@acme.example"}))["member"]
    open_run = await acme.run()
    for asked, code in (
        ({"member": active}, "still_member"),
        ({"member": invited}, "still_member"),
        ({"runs": [open_run]}, "still_open"),
    ):
        answer = await acme.client.post("/v1/erasures", json={**asked, **WHY})
        assert (answer.status_code, problem(answer)) == (409, code)


async def test_nobody_is_erased_without_a_reason_and_nobody_in_particular(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    answer = await acme.client.post("/v1/erasures", json={"member": person.id, "runs": [run]})
    assert problem(answer) == "reason_missing"
    answer = await acme.client.post("/v1/erasures", json=WHY)
    assert problem(answer) == "invalid_input"


async def test_another_companys_people_are_not_erased(api: World, acme: Company, other: Company) -> None:
    person, run = await somebody(api, acme)
    for asked in ({"member": person.id}, {"runs": [run]}):
        answer = await other.client.post("/v1/erasures", json={**asked, **WHY})
        assert (answer.status_code, problem(answer)) == (404, "not_found")


async def test_nothing_is_written_about_who_was_erased(api: World, acme: Company) -> None:
    person, run = await somebody(api, acme)
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    answers = [
        await acme.client.post(f"/v1/runs/{run}/comments", json={"text": "やはり"}),
        await acme.client.put(f"/v1/members/{person.id}/activation", json=WHY),
    ]
    assert [problem(answer) for answer in answers] == ["run_erased", "member_erased"]


@pytest.mark.parametrize("by", ["member", "run"])
async def test_what_was_asked_for_in_vain_is_not_guessed_from_its_hash(
    api: World, acme: Company, other: Company, by: str
) -> None:
    person, run = await somebody(api, acme)
    twice = {"name": NAME, "email": ADDRESS}
    for company in (acme, other):
        guest = await join(api, company, "member", "Guest")
        answer = await guest.client.post("/v1/members", json=twice, headers={"idempotency-key": "k"})
        assert problem(answer) == "not_permitted"
        as_it_is = {"permission": "member", **WHY}
        await company.ok("PUT", f"/v1/members/{guest.id}/permission", as_it_is, **{"idempotency-key": "k"})
    assert kept_hashes(api, acme) == kept_hashes(api, other) == 2
    await acme.ok("POST", "/v1/erasures", ({"member": person.id} if by == "member" else {"runs": [run]}) | WHY)
    assert (kept_hashes(api, acme), kept_hashes(api, other)) == (0, 2)


def kept_hashes(api: World, company: Company) -> int:
    """Of how many requests that led to no event about somebody something is kept to tell them by."""
    with psycopg.connect(api.dsn) as connection:
        return connection.execute(
            "SELECT FROM commands WHERE tenant_id = %s AND request_hash <> ''"
            " AND convert_from(result, 'UTF8')::jsonb ->> 'events' IS DISTINCT FROM '1'",
            (company.tenant,),
        ).rowcount


async def found_by(asked: Person | Company, **words: str) -> list[str]:
    """The types of the entries that a search of the trail finds."""
    answer = await asked.client.get("/v1/trail", params={"limit": "500", **words})
    assert answer.status_code == 200, answer.text
    return [entry["type"] for entry in answer.json()["items"]]


async def test_a_name_is_found_in_the_trail_by_who_may_see_it_until_it_is_erased_and_then_by_nobody(
    api: World, acme: Company, other: Company
) -> None:
    person, run = await somebody(api, acme)
    manager, auditor, member = [await join(api, acme, one) for one in ("manager", "auditor", "member")]
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    before = api.events(acme)
    for who in (acme, manager, auditor):
        assert "tenant.member_deactivated" in await found_by(who, text=NAME.upper())
        assert set(await found_by(who, text=SUBJECT)) == set(await found_by(who, subject=SUBJECT)) > {"run.started"}
    assert problem(await member.client.get("/v1/trail", params={"text": NAME})) == "not_permitted"
    assert await found_by(other, text=NAME) == []
    await acme.ok("POST", "/v1/erasures", {"member": person.id, "runs": [run], **WHY})
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    for who in (acme, manager, auditor):
        for secret in SECRETS:
            for then in ({}, {"as_of": str(before)}):
                assert await found_by(who, text=secret, **then) == []
    assert "tenant.member_deactivated" in await found_by(acme, text=ERASED)
    reads = (await acme.ok("GET", "/v1/reads?limit=500"))["items"]
    assert {read["asked"]["text"] for read in reads if "text" in read["asked"]} > {f"({len(NAME)} characters)"}
    assert told_of(raw_rows(api.dsn)) == []
