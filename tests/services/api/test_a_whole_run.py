"""A company signs up, adopts a procedure and carries it out, over HTTP alone."""

from tests.services.api.world import Company


async def test_a_run_goes_from_start_to_finish(acme: Company) -> None:
    run = await acme.run()
    await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"note": "届いた"}})
    await acme.ok("PUT", f"/v1/runs/{run}/steps/second/completion", {})
    done = await acme.ok("PUT", f"/v1/runs/{run}/steps/approve/approval")
    found = await acme.ok("GET", f"/v1/runs/{run}?wait_for={done['seq']}")
    assert (found["run"]["status"], found["run"]["done"]) == ("completed", 3)


async def test_a_starter_can_be_adopted_and_run(acme: Company) -> None:
    procedure = await acme.adopted("it-1")
    await acme.ok("PUT", "/v1/roles/it", {"members": [acme.owner]})
    body = {"procedure": procedure, "subject": "PC-001", "anchors": {"use-from": "2026-04-01"}}
    started = await acme.ok("POST", "/v1/runs", body)
    tasks = await acme.ok("GET", f"/v1/tasks?wait_for={started['seq']}")
    assert [task["step_id"] for task in tasks["items"]] == ["request"]


async def test_work_goes_back_and_is_done_again(acme: Company) -> None:
    run = await acme.run()
    first = f"/v1/runs/{run}/steps/first/completion"
    await acme.ok("PUT", first, {"values": {"note": "a"}})
    await acme.ok("POST", f"/v1/runs/{run}/steps/second/send-back", {"reason": "違う書類です"})
    await acme.ok("PUT", first, {"values": {"note": "b"}})
    back = await acme.ok("PUT", f"/v1/runs/{run}/steps/second/completion")
    found = await acme.ok("GET", f"/v1/runs/{run}?wait_for={back['seq']}")
    assert [step["times_done"] for step in found["steps"]] == [2, 1, 0]


async def test_an_invited_member_joins_and_does_a_step(acme: Company, api: object) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "aiko@acme.example"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    run = await acme.run()
    await acme.ok(
        "PUT", f"/v1/runs/{run}/steps/first/assignee", {"member": joined["member"], "reason": "引継ぎ"}
    )
    step = f"/v1/runs/{run}/steps/first/completion"
    answer = await acme.client.put(step, json={}, headers={"authorization": f"Bearer {joined['secret']}"})
    assert answer.status_code == 200


async def test_a_past_answer_does_not_change(acme: Company) -> None:
    run = await acme.run()
    before = (await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {}))["seq"]
    after = await acme.ok("PUT", f"/v1/runs/{run}/steps/second/completion", {})
    then = await acme.ok("GET", f"/v1/runs/{run}?as_of={before}&wait_for={after['seq']}")
    assert (then["run"]["done"], then["run"]["changed_seq"]) == (1, before)


async def test_the_trail_tells_who_did_what(acme: Company) -> None:
    run = await acme.run()
    done = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {"values": {"note": "届いた"}})
    query = f"stream={run}&type=run.step_completed&wait_for={done['seq']}"
    found = (await acme.ok("GET", f"/v1/trail?{query}"))["items"]
    assert [(entry["actor"], entry["new"]["values"]) for entry in found] == [(acme.owner, {"note": "届いた"})]
