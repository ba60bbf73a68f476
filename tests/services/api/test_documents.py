"""Documents over HTTP: found together by date, amount and counterparty, and taken away as CSV."""

import csv
from io import StringIO
from typing import Any

import pytest

from tests.services.api.world import Company, World

SCAN = "a" * 64


async def paid(api: World, acme: Company, supplier: str = "=こだま印刷", amount: str = "110000") -> str:
    """A run of FIN-2 whose invoice is kept; the run."""
    procedure = await acme.adopted("fin-2")
    await acme.ok("PUT", "/v1/roles/accounting", {"members": [acme.owner]})
    anchors = {"received": "2026-04-01", "payment-due": "2026-04-30"}
    run = (await acme.ok("POST", "/v1/runs", {"procedure": procedure, "subject": "請求書", "anchors": anchors}))["run"]
    values = {"supplier": supplier, "invoice-date": "2026-03-31", "amount": amount, "invoice": SCAN}
    await acme.ok("PUT", f"/v1/runs/{run}/steps/register/completion", {"values": values})
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    return str(run)


async def test_an_invoice_of_the_starter_library_is_found(api: World, acme: Company) -> None:
    run = await paid(api, acme)
    asked = "from=2026-03-01&to=2026-03-31&amount_from=110000&amount_to=110000.0&counterparty=こだま"
    [found] = (await acme.ok("GET", f"/v1/documents?{asked}"))["items"]
    assert (found["run_id"], found["dated"], found["amount"]) == (run, "2026-03-31", "110000")
    assert found["files"] == {"invoice": SCAN}
    assert (await acme.ok("GET", "/v1/documents?amount_from=110000.0001"))["items"] == []


async def test_all_of_them_are_a_sheet_that_carries_nothing_out(api: World, acme: Company) -> None:
    await paid(api, acme)
    answer = await acme.client.get("/v1/documents?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    [line] = csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert (line["amount"], line["counterparty"], line["files"]) == ("110000", "'=こだま印刷", f"invoice={SCAN}")


async def test_documents_of_another_company_are_not_found(api: World, acme: Company) -> None:
    await paid(api, acme)
    other = await api.company("Other")
    assert (await other.ok("GET", "/v1/documents?corrected=true")) == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("amount_from=1e3", "amount_from"),
        ("from=2026-02-30", "from"),
        ("file=abc", "file"),
        ("cursor=WyJ4Il0", "cursor"),
    ],
)
async def test_what_cannot_be_asked_is_said(acme: Company, asked: str, field: str) -> None:
    answer = await acme.client.get(f"/v1/documents?{asked}")
    problem: Any = answer.json()
    assert (answer.status_code, problem["field"]) == (422, field)
