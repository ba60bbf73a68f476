"""The trail over HTTP: searched, followed by its cursor, told in sentences, and each entry with what belongs to it."""

from typing import Any

import pytest

from tests.services.api.world import Company, World


async def worked(api: World, acme: Company) -> str:
    """A run whose first step is done; the run."""
    run = await acme.run()
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"note": "見積もり"}})
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    return run


async def test_a_follower_sees_each_event_once_though_pages_come_empty(api: World, acme: Company) -> None:
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        page = await acme.ok("GET", f"/v1/trail?limit=500{cursor}")
        seen += [item["seq"] for item in page["items"]]
        assert page["next"] is None
        cursor = f"&cursor={page['resume']}"
        assert (await acme.ok("GET", f"/v1/trail?limit=500{cursor}"))["items"] == []
        await worked(api, acme)
    seen += [item["seq"] for item in (await acme.ok("GET", f"/v1/trail?limit=500{cursor}"))["items"]]
    assert seen == list(range(1, api.events(acme) + 1))


async def test_an_entry_leads_to_what_its_command_did_beside_it(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    done = (await acme.ok("GET", f"/v1/trail?run={run}&type=run.step_completed"))["items"][0]
    story = await acme.ok("GET", f"/v1/trail/{done['seq']}")
    assert story["entry"] == done
    assert [e["type"] for e in story["same_command"]] == ["run.step_ready"]
    assert story["after"] == story["same_command"][0]
    assert story["before"]["type"] == "run.step_ready"
    assert (await acme.client.get(f"/v1/trail/{api.events() + 1}")).status_code == 404
    assert (await acme.client.get("/v1/trail/0")).status_code == 404


async def test_an_adopted_procedure_tells_of_its_cause(api: World, acme: Company) -> None:
    await acme.adopted()
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    published = (await acme.ok("GET", "/v1/trail?type=procedure.published"))["items"][0]
    story = await acme.ok("GET", f"/v1/trail/{published['seq']}")
    [cause] = story["causes"]
    assert cause["type"] == "procedure.draft_saved"
    assert published["seq"] in [e["seq"] for e in (await acme.ok("GET", f"/v1/trail/{cause['seq']}"))["effects"]]


async def test_entries_are_told_in_either_language(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    asked = f"/v1/trail?run={run}&type=run.step_completed&lang="
    ja, en = [(await acme.ok("GET", asked + lang))["items"][0] for lang in ("ja", "en")]
    assert ja["sentence"] != en["sentence"]
    assert "Emi" in ja["sentence"]
    assert "completed" in en["sentence"]
    assert "見積もり" in dict(en["details"]).values()
    assert (await acme.ok("GET", asked.removesuffix("&lang=")))["items"][0]["sentence"] is None


async def test_another_companys_events_are_unknown_numbers_and_words(api: World, acme: Company) -> None:
    run = await worked(api, acme)
    other = await api.company("Other")
    await other.ok("GET", f"/v1/runs?wait_for={api.events(other)}")
    assert (await other.ok("GET", f"/v1/trail?run={run}"))["items"] == []
    assert (await other.ok("GET", "/v1/trail?text=佐藤"))["items"] == []
    assert (await other.client.get(f"/v1/trail/{api.events(acme)}")).status_code == 404


@pytest.mark.parametrize("asked", ["type=run.flown", "seq_from=0", "occurred_from=2026-04-01", "lang=fr", "text=%00"])
async def test_what_cannot_be_searched_for_is_said(acme: Company, asked: str) -> None:
    answer = await acme.client.get(f"/v1/trail?{asked}")
    problem: Any = answer.json()
    assert (answer.status_code, problem["field"]) == (422, asked.partition("=")[0])
