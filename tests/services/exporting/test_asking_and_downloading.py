"""An export asked for over the API is given out to those who may have it, whole, and the log says so."""

from hashlib import sha256
from pathlib import Path

import httpx2

from infra.ids import uuid7
from services.exports.states import state
from tests.services.api.people import join, problem
from tests.services.api.served import served
from tests.services.api.world import Company
from tests.services.exporting.bundles import download, unpacked, verified
from tests.services.exporting.scene import Scene


async def test_asked_for_made_downloaded_and_verified(shop: Scene, acme: Company, tmp_path: Path) -> None:
    body = {"formats": ["csv", "xes"]}
    sent = [await acme.client.post("/v1/exports", json=body, headers={"idempotency-key": "11"}) for _ in range(2)]
    export = sent[0].json()["export"]
    assert [(one.status_code, one.headers["location"]) for one in sent] == [(202, f"/v1/exports/{export}")] * 2
    await shop.shown()
    assert problem(await acme.client.get(f"/v1/exports/{export}/bundle")) == "export_not_made"
    await shop.looked()
    told = await shop.export(acme, export)
    archive = await download(acme, export)
    assert (told["status"], told["events"], told["bytes"]) == ("made", told["size"], len(archive))
    bundle = unpacked(archive, tmp_path / "out")
    assert "VERIFIED" in verified(bundle)
    assert state(shop.api.dsn, acme.tenant, told["size"]).digest in verified(bundle, "replay.py")
    assert await shop.types(acme) == ["asked", "made", "downloaded"]
    assert shop.files() == [f"{told['sha256']}.tar"]


async def test_what_matches_nothing_is_an_export_that_proves_as_much(
    shop: Scene, acme: Company, tmp_path: Path
) -> None:
    export = await shop.made(acme, since="2099-01-01T00:00:00Z", formats=["csv"])
    assert (await shop.export(acme, export))["events"] == 0
    bundle = unpacked(await download(acme, export), tmp_path / "out")
    verified(bundle)
    assert (bundle / "data" / "events.jsonl").read_bytes() == b""


async def test_a_download_that_was_cut_off_goes_on(shop: Scene, acme: Company) -> None:
    export = await shop.made(acme)
    path, told = f"/v1/exports/{export}/bundle", await shop.export(acme, export)
    async with served(shop.api) as server:
        client = server.as_(acme.key)
        async with client.stream("GET", path) as begun:
            some = await anext(begun.aiter_bytes(1000))
        rest = await client.get(path, headers={"range": "bytes=1000-", "if-range": begun.headers["etag"]})
        anew = await client.get(path, headers={"range": "bytes=1000-", "if-range": '"another"'})
        behind = await client.get(path, headers={"range": f"bytes={told['bytes']}-"})
        end = await client.get(path, headers={"range": "bytes=-7"})
    assert (rest.status_code, anew.status_code, behind.status_code, end.status_code) == (206, 200, 416, 206)
    assert rest.headers["content-range"] == f"bytes 1000-{told['bytes'] - 1}/{told['bytes']}"
    assert behind.headers["content-range"] == f"bytes */{told['bytes']}"
    assert sha256(some + rest.content).hexdigest() == sha256(anew.content).hexdigest() == told["sha256"]
    assert end.content == anew.content[-7:]
    assert await shop.types(acme) == ["asked", "made", "downloaded", "downloaded"]


async def test_what_an_auditor_takes_along_is_in_the_log_and_unknown_to_others(shop: Scene, acme: Company) -> None:
    auditor, manager = await join(shop.api, acme, "auditor"), await join(shop.api, acme, "manager")
    export = await shop.made(Company(auditor.client, acme.tenant, auditor.id, auditor.key))
    assert problem(await manager.client.get(f"/v1/exports/{export}/bundle")) == "not_permitted"
    assert (await auditor.client.get(f"/v1/exports/{export}/bundle")).status_code == 200
    asked, _, downloaded = await shop.log(acme)
    assert (asked["actor"], downloaded["member_id"]) == (auditor.id, auditor.id)
    reads = (await acme.ok("GET", "/v1/reads"))["items"]
    assert [one["asked"] for one in reads if one["what"] == "get_export_bundle"] == [{"export": export}]
    other = await shop.api.company("Other")
    assert await answers_to(other, export) == await answers_to(other, uuid7())
    assert (await other.ok("GET", "/v1/exports"))["items"] == []


async def answers_to(company: Company, export: str) -> list[tuple[int, str]]:
    asked = [("GET", ""), ("GET", "/bundle"), ("PUT", "/cancellation")]
    answers = [await company.client.request(method, f"/v1/exports/{export}{what}") for method, what in asked]
    return [(answer.status_code, answer.text) for answer in answers]


async def test_what_cannot_be_made_is_refused_at_once(shop: Scene, acme: Company) -> None:
    wrong = [
        *({"formats": ["docx"]}, {"lang": "fr"}, {"since": "2026-01-01"}, {"run": uuid7(), "procedure": uuid7()}),
        *({"since": "2026-01-02T00:00:00Z", "until": "2026-01-02T00:00:00Z"}, {"until": "0001-01-01T00:00:00+23:59"}),
    ]
    answers = [await acme.client.post("/v1/exports", json=asked) for asked in wrong]
    assert [problem(answer) for answer in answers] == ["invalid_input"] * len(wrong)
    assert problem(await acme.client.post("/v1/exports", json={"run": uuid7()})) == "not_found"
    full = [problem(one) if one.status_code != 202 else "" for one in [await ask(acme) for _ in range(11)]]
    assert full == [""] * 10 + ["too_many_exports"]
    assert await shop.types(acme) == ["asked"] * 10


async def ask(company: Company) -> httpx2.Response:
    return await company.client.post("/v1/exports")
