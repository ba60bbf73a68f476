"""Routes for runs: start, remark, cancel."""

from commands import runs as c
from domain.ids import AnchorId, ProcedureId, RunId, StepId
from services.api import bodies as b
from services.api.answers import RunAnswer, made
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.envelope import Identity, new_id, request_of
from services.api.reading import chosen_id
from services.api.routes.carrying import command


async def start(call: Call) -> Answer:
    """Start a run under the id in the body, or a new one."""
    request = request_of(call)
    given = Identity(request.command, request.repeatable)
    chosen = call.body.run
    run = chosen_id(chosen) if chosen else new_id(call, given, call.tenant, "run")
    found = await call.deps.commands.execute(request, _start(run, call.body))
    return made(RunAnswer, found, f"/v1/runs/{run}", run=run)


async def start_as(call: Call) -> Answer:
    """Start a run under the id in the path."""
    run = chosen_id(call.ids["run"])
    found = await call.deps.commands.execute(request_of(call), _start(run, call.body))
    return made(RunAnswer, found, f"/v1/runs/{run}", run=run)


def _start(run: str, body: b.RunBody) -> c.StartRun:
    anchors = {AnchorId(anchor): day for anchor, day in body.anchors.items()}
    return c.StartRun(RunId(run), ProcedureId(body.procedure), body.subject, anchors)


def _comment(call: Call) -> c.Comment:
    step = call.body.step
    return c.Comment(RunId(call.ids["run"]), StepId(step) if step else None, call.body.text)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/runs",
        "start_run",
        "Start a run of a published procedure. Sent again with the same Idempotency-Key, it starts no second one.",
        "start_run",
        start,
        201,
        b.NewRunBody,
        RunAnswer,
        carries_out=("start_run",),
    ),
    Endpoint(
        "PUT",
        "/v1/runs/{run}",
        "start_run_as",
        "Start a run of a published procedure under an id of one's own: a UUID of version 4 or 7.",
        "start_run",
        start_as,
        201,
        b.RunBody,
        RunAnswer,
        carries_out=("start_run",),
    ),
    command("POST", "/v1/runs/{run}/comments", c.Comment, _comment, b.CommentBody),
    command(
        "PUT", "/v1/runs/{run}/cancellation", c.CancelRun, lambda call: c.CancelRun(RunId(call.ids["run"]))
    ),
)
