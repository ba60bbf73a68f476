"""A page's cursor opens the next page of that list of that company, and nothing else: no row is skipped unnoticed."""

import pytest

from services.api import query
from tests.services.api.world import Company, World


async def test_a_cursor_is_of_one_company_one_list_and_one_version(
    api: World, acme: Company, other: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for company in (acme, other):
        await company.ok("POST", "/v1/members", {"name": "Aiko", "email": "a@acme.example"})
        await company.ok("GET", f"/v1/members?wait_for={api.events(company)}")
    members, trail = [(await acme.ok("GET", f"/v1/{path}?limit=1"))["next"] for path in ("members", "trail")]
    following = f"/v1/members?cursor={members}"
    assert [one["name"] for one in (await acme.ok("GET", following))["items"]] != []
    asked = [(other, following), (acme, f"/v1/members?cursor={trail}"), (acme, f"/v1/trail?cursor={members}")]
    answers = [await company.client.get(path) for company, path in asked]
    monkeypatch.setattr(query, "CURSORS", query.CURSORS + 1)
    answers.append(await acme.client.get(following))
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid_input")
        assert answer.json()["field"] == "cursor"
        assert "of this very list" in answer.json()["detail"]
