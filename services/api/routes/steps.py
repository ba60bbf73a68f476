"""Routes for the steps of a run: what is done all day."""

from typing import Any

from commands import runs as c
from domain.ids import MemberId, RunId, StepId
from services.api import bodies as b
from services.api.call import Call
from services.api.routes.carrying import command

STEP = "/v1/runs/{run}/steps/{step}"


def _ids(call: Call) -> tuple[RunId, StepId]:
    return RunId(call.ids["run"]), StepId(call.ids["step"])


def _to(call: Call) -> StepId | None:
    to: Any = call.body.to
    return None if to is None else StepId(to)


ENDPOINTS = (
    command(
        "PUT",
        f"{STEP}/completion",
        c.CompleteStep,
        lambda call: c.CompleteStep(*_ids(call), call.body.values, call.body.checks),
        b.CompletionBody,
    ),
    command("PUT", f"{STEP}/approval", c.ApproveStep, lambda call: c.ApproveStep(*_ids(call))),
    command(
        "PUT",
        f"{STEP}/rejection",
        c.RejectStep,
        lambda call: c.RejectStep(*_ids(call), _to(call)),
        b.ReturnBody,
    ),
    command(
        "POST", f"{STEP}/send-back", c.SendBack, lambda call: c.SendBack(*_ids(call), _to(call)), b.ReturnBody
    ),
    command("POST", f"{STEP}/reopening", c.ReopenStep, lambda call: c.ReopenStep(*_ids(call))),
    command("PUT", f"{STEP}/skip", c.SkipStep, lambda call: c.SkipStep(*_ids(call))),
    command(
        "PUT",
        f"{STEP}/assignee",
        c.ReassignStep,
        lambda call: c.ReassignStep(*_ids(call), MemberId(call.body.member)),
        b.AssigneeBody,
    ),
    command("PUT", f"{STEP}/taking", c.TakeStep, lambda call: c.TakeStep(*_ids(call))),
    command(
        "PUT",
        f"{STEP}/due-date",
        c.ChangeDueDate,
        lambda call: c.ChangeDueDate(*_ids(call), call.body.due),
        b.DueDateBody,
    ),
)
