"""What is due, whose work it will be and what depends on one person, over HTTP."""

from datetime import UTC, datetime, timedelta

from tests.services.api.test_dashboards import length, worked
from tests.services.api.test_handing_over import WHY, hired
from tests.services.api.world import Company, World


async def test_what_is_due_is_told_with_the_days_left_deadlines_of_the_law_first(api: World, acme: Company) -> None:
    await worked(acme)
    far = (datetime.now(UTC) + timedelta(days=400)).date()
    page = await acme.ok("GET", f"/v1/dashboards/due/steps?to={far}&wait_for={api.events()}")
    steps = page["items"]
    assert steps
    assert [(not s["legal"], s["due"]) for s in steps] == sorted((not s["legal"], s["due"]) for s in steps)
    for step in steps:
        assert abs(step["business_days_left"]) <= abs(step["days_left"])
        assert step["business_days_left"] * step["days_left"] >= 0


async def test_a_cancelled_run_is_due_no_more(api: World, acme: Company) -> None:
    run = await acme.run(await acme.procedure())
    path = f"/v1/dashboards/due/steps?to=2099-12-31&wait_for={api.events()}"
    assert {step["run_id"] for step in (await acme.ok("GET", path))["items"]} == {run}
    seq = api.events(acme)
    await acme.ok("PUT", f"/v1/runs/{run}/cancellation", {"reason": "取りやめます"})
    path = f"/v1/dashboards/due/steps?to=2099-12-31&wait_for={api.events()}"
    assert (await acme.ok("GET", path))["items"] == []
    assert (await acme.ok("GET", f"{path}&as_of={seq}"))["items"]


async def test_who_alone_did_steps_is_named_with_what_they_did(api: World, acme: Company) -> None:
    procedure = await worked(acme)
    steps = (await acme.ok("GET", f"/v1/dashboards/dependence/steps?procedure={procedure}&wait_for={api.events()}"))[
        "items"
    ]
    assert {s["figures"]["step_id"] for s in steps} == {"first", "second", "approve"}
    for step in steps:
        told = step["figures"]
        assert (told["people"], told["first_percent"], told["other_last_at"]) == (1, 100.0, None)
        assert await length(acme, step["behind"]["first_times"]) == told["first_times"]


async def test_what_stops_without_somebody_is_told(api: World, acme: Company) -> None:
    await worked(acme)
    found = await acme.ok("GET", f"/v1/dashboards/absence/{acme.owner}?wait_for={api.events()}")
    assert {s["step_id"] for s in found["steps"] if s["only_they_did"]} == {"first", "second", "approve"}
    assert set(found) == {"member", "open_steps", "overdue", "roles", "approvals", "steps", "due"}
    nobody = "0199a000-0000-7000-8000-0000000000ff"
    assert (await acme.client.get(f"/v1/dashboards/absence/{nobody}")).status_code == 404


async def test_runs_about_one_subject_are_told_together(api: World, acme: Company) -> None:
    procedure = await acme.procedure()
    runs = [await acme.run(procedure) for _ in range(2)]
    (found,) = (await acme.ok("GET", f"/v1/dashboards/subjects?wait_for={api.events()}"))["items"]
    assert (found["open"], found["run_id"]) == (2, min(runs))
    assert await length(acme, f"/v1/dashboards/subjects/runs?run={runs[1]}") == 2


async def test_workload_is_told_by_the_page_and_of_everybody_in_a_sheet(api: World, acme: Company) -> None:
    aiko, _ = await hired(api, acme, "aiko")
    procedure = await acme.procedure()
    runs = [await acme.run(procedure) for _ in range(3)]
    moves = [{"run": run, "step": "first", "to": aiko} for run in runs[:2]]
    moved = await acme.ok("POST", "/v1/load/moves", {"moves": moves, **WHY})
    path = f"/v1/dashboards/workload?wait_for={moved['seq']}"
    first = await acme.ok("GET", f"{path}&limit=1")
    second = await acme.ok("GET", f"{path}&limit=1&cursor={first['next']}")
    told = [[row["figures"] for row in page["items"]] for page in (first, second)]
    most, least = ({(row["all_steps"], row["member"]) for row in page} for page in told)
    assert (len(most), len(least), second["next"]) == (1, 1, None)
    assert max(least) <= max(most)
    assert {member for _, member in most | least} == {acme.owner, aiko}
    assert (await acme.ok("GET", path))["items"] == first["items"] + second["items"]
    sheet = (await acme.client.get(f"{path}&limit=1&format=csv")).text
    assert all(member in sheet for member in (acme.owner, aiko))
