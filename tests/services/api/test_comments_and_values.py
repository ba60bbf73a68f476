"""What was said and filled in can be read again by whoever may see the run, now and as it was."""

from infra.ids import uuid7
from tests.services.api.test_what_is_confidential import joined
from tests.services.api.world import Company, World

FIELDS = [{"id": "note", "title": "メモ"}, {"id": "address", "title": "住所", "personal": True}]


async def run_with_a_form(acme: Company, **changes: object) -> str:
    step = {
        "id": "first",
        "title": "書類",
        "role": "doer",
        "fields": FIELDS,
        "instructions": "**本人**に確かめます。",
        "checklist": ["写し"],
    }
    second = {"id": "second", "title": "机", "role": "doer"}
    return await acme.run(await acme.procedure(steps=[step, second], **changes))


async def test_comments_are_read_with_who_wrote_them_and_when(api: World, acme: Company) -> None:
    run = await run_with_a_form(acme)
    path = f"/v1/runs/{run}/comments"
    first = await acme.ok("POST", path, {"text": "電話しました"})
    await acme.ok("POST", path, {"text": "届きました", "step": "first"})
    found = await acme.ok("GET", f"{path}?wait_for={api.events()}")
    assert [(c["by_name"], c["step"], c["text"]) for c in found["items"]] == [
        ("Emi", None, "電話しました"),
        ("Emi", "first", "届きました"),
    ]
    assert found["items"][0]["seq"] == first["seq"]
    then = await acme.ok("GET", f"{path}?as_of={first['seq']}")
    assert [c["text"] for c in then["items"]] == ["電話しました"]
    page = await acme.ok("GET", f"{path}?limit=1")
    following = await acme.ok("GET", f"{path}?limit=1&cursor={page['next']}")
    assert [c["text"] for c in following["items"]] == ["届きました"]


async def test_a_step_tells_what_it_asks_and_what_was_filled_in(api: World, acme: Company) -> None:
    run = await run_with_a_form(acme)
    path = f"/v1/runs/{run}/steps/first"
    before = api.events()
    values = {"note": "受領", "address": "東京都千代田区1-1"}
    await acme.ok("PUT", f"{path}/completion", {"values": values, "checks": [0]})
    found = await acme.ok("GET", f"{path}?wait_for={api.events()}")
    assert found["values"] == values
    assert (found["asks"]["instructions"], found["asks"]["checklist"]) == ("**本人**に確かめます。", ["写し"])
    assert (found["step"]["status"], found["role_title"]) == ("done", "担当")
    assert (await acme.ok("GET", f"{path}?as_of={before}"))["values"] == {}
    assert (await acme.client.get(f"/v1/runs/{run}/steps/nowhere")).status_code == 404


async def test_they_are_hidden_with_the_run(api: World, acme: Company) -> None:
    client = await joined(api, acme, "member")
    run = await run_with_a_form(acme, confidential=True)
    await acme.ok("POST", f"/v1/runs/{run}/comments", {"text": "内密に"})
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    for path in ("comments", "steps/first"):
        hidden = await client.get(f"/v1/runs/{run}/{path}")
        unknown = await client.get(f"/v1/runs/{uuid7()}/{path}")
        assert (hidden.status_code, hidden.text) == (404, unknown.text)
        assert (await acme.client.get(f"/v1/runs/{run}/{path}")).status_code == 200
