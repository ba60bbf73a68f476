"""Dashboards over HTTP: each number leads to a list that is as long as the number says, as JSON or as a sheet."""

import csv
import re
from io import StringIO

import pytest

from queries.on_time import OnTime
from tests.services.api.world import Company, World

FIGURES = ("flow", "waiting", "waited", "rework", "on-time", "on-time/steps", "trend", "due", "workload", "dependence")
REASON = {"reason": "書類が足りません"}
IN_ONE = ("/v1/dashboards/on-time/steps", "/v1/dashboards/dependence/steps")
"""Figures behind figures: these have no pages."""
PERCENTILE = re.compile(r"lead_p\d\d")


async def worked(acme: Company) -> str:
    """Two runs done, one with rework; one half done, one cancelled; the procedure."""
    procedure = await acme.procedure()
    runs = [await acme.run(procedure) for _ in range(4)]
    for run in runs[:2]:
        await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {})
    await acme.ok("POST", f"/v1/runs/{runs[0]}/steps/second/send-back", {"to": "first", **REASON})
    await acme.ok("PUT", f"/v1/runs/{runs[0]}/steps/first/completion", {})
    for run in runs[:2]:
        await acme.ok("PUT", f"/v1/runs/{run}/steps/second/completion", {})
        await acme.ok("PUT", f"/v1/runs/{run}/steps/approve/approval", {})
    await acme.ok("PUT", f"/v1/runs/{runs[3]}/cancellation", REASON)
    return procedure


async def length(acme: Company, link: str) -> int:
    """How long a list is, whatever its pages."""
    found, cursor = 0, ""
    while True:
        page = await acme.ok("GET", f"{link}&limit=1{cursor}")
        found += len(page["items"])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize("path", FIGURES)
async def test_each_number_leads_to_as_many_as_it_says(api: World, acme: Company, path: str) -> None:
    await worked(acme)
    answer = await acme.ok("GET", f"/v1/dashboards/{path}?wait_for={api.events()}")
    assert answer["items"]
    for item in answer["items"]:
        for name, link in item["behind"].items():
            if name not in item["figures"] or link.startswith(IN_ONE):
                assert (await acme.ok("GET", link))["items"]
            elif not PERCENTILE.fullmatch(name):
                assert await length(acme, link) == item["figures"][name], (name, link)


async def test_the_figures_are_those_of_what_was_done(api: World, acme: Company) -> None:
    procedure = await worked(acme)
    wait = f"?wait_for={api.events()}"
    (flow,) = (await acme.ok("GET", f"/v1/dashboards/flow{wait}"))["items"]
    assert flow["figures"] == {
        "procedure_id": procedure,
        "title": "入社",
        "department": "hr",
        "started": 4,
        "completed": 2,
        "cancelled": 1,
        **dict.fromkeys(("lead_p50", "lead_p85", "lead_p95", "cycle_p50", "cycle_p85", "cycle_p95"), 0),
    }
    (rework,) = (await acme.ok("GET", f"/v1/dashboards/rework{wait}"))["items"]
    told = {name: rework["figures"][name] for name in ("step_id", "done", "sent_back", "returned", "returned_percent")}
    assert told == {"step_id": "first", "done": 3, "sent_back": 1, "returned": 1, "returned_percent": 33.3}
    (punctual,) = (await acme.ok("GET", f"/v1/dashboards/on-time{wait}"))["items"]
    assert punctual["figures"]["steps_due"] == 3
    assert punctual["figures"]["runs_clean"] == 1
    (waiting,) = (await acme.ok("GET", f"/v1/dashboards/waiting{wait}"))["items"]
    assert (waiting["figures"]["step_id"], waiting["figures"]["steps"]) == ("first", 1)
    steps = (await acme.ok("GET", f"/v1/dashboards/flow/steps{wait}&procedure={procedure}"))["items"]
    assert [(s["figures"]["step_id"], s["figures"]["done"]) for s in steps] == [
        ("first", 3),
        ("second", 2),
        ("approve", 2),
    ]


async def test_a_link_asks_as_of_the_same_moment(api: World, acme: Company) -> None:
    await worked(acme)
    seq = api.events(acme)
    await acme.run()
    wait = f"?wait_for={api.events()}&as_of={seq}"
    (flow,) = (await acme.ok("GET", f"/v1/dashboards/flow{wait}"))["items"]
    assert f"as_of={seq}" in flow["behind"]["started"]
    assert await length(acme, flow["behind"]["started"]) == flow["figures"]["started"] == 4


@pytest.mark.parametrize("path", FIGURES)
async def test_figures_are_sheets_too(api: World, acme: Company, path: str) -> None:
    await worked(acme)
    answer = await acme.client.get(f"/v1/dashboards/{path}?wait_for={api.events()}", headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    told = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    items = (await acme.ok("GET", f"/v1/dashboards/{path}"))["items"]
    assert [set(row) for row in told] == [set(item["figures"]) for item in items]


async def test_a_sheet_without_a_row_has_its_titles(acme: Company) -> None:
    answer = await acme.client.get("/v1/dashboards/on-time?format=csv")
    assert answer.text.removeprefix("\ufeff").strip().split(",") == list(OnTime.__dataclass_fields__)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-02-01&to=2025-02-01", "to"),
        ("from=2024-01-01&to=2026-01-01", "to"),
        ("from=2026-02-30", "from"),
        ("procedure=x", "procedure"),
        ("weeks=3", "query"),
    ],
)
async def test_a_period_that_is_none_is_told(acme: Company, query: str, field: str) -> None:
    answer = await acme.client.get(f"/v1/dashboards/trend?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    "path",
    ["flow/steps", *(f"{path}?step=first" for path in ("waiting/people", "turns", "returns", "waiting/steps"))],
)
async def test_a_step_is_one_of_its_procedure(acme: Company, path: str) -> None:
    answer = await acme.client.get(f"/v1/dashboards/{path}")
    assert (answer.status_code, answer.json()["field"]) == (422, "procedure")
