"""Routes for handing over, moving load, and being away."""

from commands import duties as c
from domain.duties.moving import Move
from domain.ids import MemberId, RunId, StepId
from services.api import duty_bodies as d
from services.api.answers import HandoverAnswer, made, rows
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.envelope import request_of
from services.api.routes.carrying import command
from services.api.routes.planned import Planned, planned, rules_of

ABSENCE = "/v1/members/{member}/absence"


async def hand_over(call: Call) -> Answer:
    """Hand over everything that a member holds."""
    found = await call.deps.commands.execute(request_of(call), _handover(call))
    handover = found.command if found.events or found.repeated else None
    where = f"/v1/handovers/{handover}" if handover else "/v1/handovers"
    return made(HandoverAnswer, found, where, handover=handover)


async def preview_handover(call: Call) -> Answer:
    """What a handover would do."""
    return rows(planned(*await call.deps.commands.preview(request_of(call), _handover(call))))


async def preview_moves(call: Call) -> Answer:
    """What moving steps would do."""
    return rows(planned(*await call.deps.commands.preview(request_of(call), _moves(call))))


def _handover(call: Call) -> c.HandOver:
    return c.HandOver(MemberId(call.body.member or call.member), rules_of(call.body.rules))


def _moves(call: Call) -> c.MoveSteps:
    return c.MoveSteps(tuple(Move(RunId(m.run), StepId(m.step), MemberId(m.to)) for m in call.body.moves))


def _absence(call: Call) -> c.SetAbsence:
    body, member = call.body, MemberId(call.ids["member"])
    delegates = tuple(map(MemberId, body.delegates))
    return c.SetAbsence(member, body.first, body.until, delegates, body.open_steps)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/handovers",
        "hand_over",
        "Hand over (引継ぎ) everything a member holds at once: open steps, roles, and what would come to them by name. "
        "Managers do it for anyone, everyone for themselves; a reason is needed.",
        "hand_over",
        hand_over,
        201,
        d.HandoverBody,
        HandoverAnswer,
        carries_out=("hand_over",),
    ),
    Endpoint(
        "POST",
        "/v1/handovers/preview",
        "preview_handover",
        "What a handover would move where, what would stay and why. It changes nothing; the handover then does just "
        "that, unless something happened meanwhile.",
        "hand_over",
        preview_handover,
        body=d.HandoverBody,
        answer=Planned,
    ),
    command(
        "PUT", "/v1/handovers/{handover}/undoing", c.UndoHandover, lambda call: c.UndoHandover(call.ids["handover"])
    ),
    command("POST", "/v1/load/moves", c.MoveSteps, _moves, d.MovesBody),
    Endpoint(
        "POST",
        "/v1/load/moves/preview",
        "preview_moves",
        "What moving these steps would do, or why it cannot be done. It changes nothing.",
        "move_steps",
        preview_moves,
        body=d.MovesBody,
        answer=Planned,
    ),
    command("PUT", ABSENCE, c.SetAbsence, _absence, d.AbsenceBody),
    command("DELETE", ABSENCE, c.EndAbsence, lambda call: c.EndAbsence(MemberId(call.ids["member"]))),
)
