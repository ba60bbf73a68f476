"""The seat ledger over HTTP: months that lead to their entries, entries that name their events, both as CSV too."""

import csv
from collections.abc import AsyncIterator, MutableMapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx2
import pytest

from services.api.call import InPieces
from services.api.edge import _send_in_pieces
from services.api.query import cursor
from services.api.routes import seat_reads
from tests.services.api.world import Company, World

BOM = b"\xef\xbb\xbf"
FORMULA = "=HYPERLINK(1)"


async def invite(company: Company, name: str, number: int = 0) -> Any:
    body = {"name": name, "email": f"p{number}@people.example"}
    return await company.ok("POST", "/v1/members", body)


async def worked(api: World, acme: Company) -> str:
    """Somebody is invited and withdrawn again; the member."""
    made = await invite(acme, FORMULA)
    await acme.ok("DELETE", f"/v1/members/{made['member']}", {"reason": "＝間違い"})
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    return str(made["member"])


def read(answer: httpx2.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(BOM)
    text = answer.content.decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(StringIO(text, newline="")))


async def test_a_month_says_what_was_held_and_leads_to_its_entries(api: World, acme: Company) -> None:
    await worked(api, acme)
    found = await acme.ok("GET", "/v1/seats/ledger")
    assert found["time_zone"] == "Asia/Tokyo"
    assert len(found["months"]) == 12
    last = found["months"][-1]
    month = last["month"]
    assert (month["opening"], month["joined"], month["gone"], month["closing"], month["peak"]) == (0, 2, 1, 1, 2)
    assert (month["plan"], month["limit"], month["limit_seq"]) == (None, 50, 2)
    entries = (await acme.ok("GET", last["entries"]))["items"]
    assert [(e["no"], e["change"], e["held"]) for e in entries] == [(1, 1, 1), (2, 1, 2), (3, -1, 1)]
    assert (month["first_no"], month["last_no"], month["closing_seq"]) == (1, 3, entries[-1]["seq"])
    peak = next(e for e in entries if e["seq"] == month["peak_seq"])
    assert (peak["at"], peak["held"]) == (month["peak_at"], 2)
    assert (await acme.ok("GET", last["at_peak"]))["usage"]["held"] == 2


async def test_an_entry_says_who_did_it_and_why(api: World, acme: Company) -> None:
    member = await worked(api, acme)
    entry = (await acme.ok("GET", f"/v1/seats/ledger/entries?member={member}"))["items"][-1]
    assert (entry["cause"], entry["was"], entry["kind"]) == ("tenant.member_deactivated", "invited", None)
    assert (entry["actor"], entry["actor_name"], entry["reason"]) == (acme.owner, "Emi", "＝間違い")
    event = (await acme.ok("GET", f"/v1/trail?seq_from={entry['seq']}&limit=1"))["items"][0]
    assert (event["type"], event["member_id"], event["recorded_at"]) == (entry["cause"], member, entry["at"])


async def test_entries_come_in_pages(api: World, acme: Company) -> None:
    await worked(api, acme)
    path, seen = "/v1/seats/ledger/entries?limit=1", []
    page = await acme.ok("GET", path)
    while True:
        seen += [entry["no"] for entry in page["items"]]
        if page["next"] is None:
            break
        page = await acme.ok("GET", f"{path}&cursor={page['next']}")
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    ("asked", "accept"), [("?format=csv", "application/json"), ("", "text/csv"), ("", "text/csv, */*;q=0.1")]
)
async def test_csv_is_given_when_it_is_asked_for(api: World, acme: Company, asked: str, accept: str) -> None:
    await worked(api, acme)
    answer = await acme.client.get(f"/v1/seats/ledger{asked}", headers={"accept": accept})
    rows = read(answer)
    assert (len(rows), rows[-1]["peak"], rows[-1]["joined"]) == (12, "2", "2")
    assert datetime.fromisoformat(rows[-1]["starts"]).utcoffset() is not None
    assert rows[-1]["starts"].endswith("T00:00:00+09:00")


@pytest.mark.parametrize(
    ("asked", "accept"), [("?format=json", "text/csv"), ("", "*/*"), ("", "application/json, text/csv"), ("", "")]
)
async def test_json_is_given_otherwise(acme: Company, asked: str, accept: str) -> None:
    answer = await acme.client.get(f"/v1/seats/ledger{asked}", headers={"accept": accept})
    assert answer.headers["content-type"] == "application/json"


async def test_no_cell_is_a_formula_and_numbers_stay_numbers(api: World, acme: Company) -> None:
    await worked(api, acme)
    rows = read(await acme.client.get("/v1/seats/ledger/entries?format=csv"))
    assert [row["member_name"] for row in rows] == ["Emi", f"'{FORMULA}", f"'{FORMULA}"]
    assert [row["reason"] for row in rows][-1] == "'＝間違い"
    assert [row["change"] for row in rows] == ["1", "1", "-1"]


async def test_all_entries_are_in_the_csv_however_many_pieces_it_comes_in(
    api: World, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seat_reads, "A_PIECE", 2)
    for number in range(6):
        await invite(acme, f"人{number}", number)
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    rows = read(await acme.client.get("/v1/seats/ledger/entries?format=csv"))
    assert [row["no"] for row in rows] == ["1", "2", "3", "4", "5", "6", "7"]


async def test_the_ledger_of_then_knows_nothing_of_what_came_after(api: World, acme: Company) -> None:
    member = await worked(api, acme)
    for as_of, expected in ((3, (1, 1)), (api.events() - 1, (2, 2)), (api.events(), (1, 3))):
        month = (await acme.ok("GET", f"/v1/seats/ledger?as_of={as_of}"))["months"][-1]
        entries = (await acme.ok("GET", month["entries"]))["items"]
        assert (month["month"]["closing"], len(entries)) == expected
    then = (await acme.ok("GET", f"/v1/seats/ledger/entries?member={member}"))["items"][0]["at"]
    before = await acme.ok("GET", f"/v1/seats/ledger/entries?as_of={then}")
    assert [entry["no"] for entry in before["items"]] == [1, 2]


async def test_days_are_the_companys(api: World, acme: Company) -> None:
    await worked(api, acme)
    today = (await acme.ok("GET", "/v1/seats/ledger?format=json"))["at"]
    day = datetime.fromisoformat(today).astimezone(UTC).date()
    of_year = f"from={day.year - 1}-01-01&to={day.year + 1}-12-31"
    assert len((await acme.ok("GET", f"/v1/seats/ledger/entries?{of_year}"))["items"]) == 3
    assert (await acme.ok("GET", f"/v1/seats/ledger/entries?to={day.year - 1}-01"))["items"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("ledger?from=2026-05&to=2026-04", "to"),
        ("ledger?from=1990-01&to=2026-04", "to"),
        ("ledger?from=2026-13", "from"),
        ("ledger?from=2026-04-06", "from"),
        ("ledger?format=xml", "format"),
        ("ledger/entries?from=2026-02-30", "from"),
        ("ledger/entries?to=0001-01-01", "to"),
        ("ledger/entries?to=2026W011-1", "to"),
        ("ledger/entries?member=x", "member"),
        (f"ledger/entries?cursor={cursor(('2026-01-01T00:00:00', 1))}", "cursor"),
        (f"ledger/entries?cursor={cursor(7)}", "cursor"),
    ],
)
async def test_what_cannot_be_understood_is_refused_by_its_name(acme: Company, path: str, field: str) -> None:
    answer = await acme.client.get(f"/v1/seats/{path}")
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text


async def test_an_answer_that_breaks_off_has_no_end() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"some"
        raise RuntimeError("the database went away")

    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await _send_in_pieces(send, InPieces(200, pieces(), []), "GET", "seat_entries")
    assert [message.get("body") for message in sent] == [None, b"some"]
    assert all(message["more_body"] for message in sent[1:])
