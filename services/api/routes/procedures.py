"""Routes for procedures: draft, publish, retire, and the starter library."""

from dataclasses import replace

from commands import procedures as c
from domain.ids import CommandId, ProcedureId
from domain.procedures.starter import STARTER
from domain.refusals import NotFound
from services.api import bodies as b
from services.api.answers import CommandAnswer, ProcedureAnswer, made, receipt
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.envelope import Identity, derived, new_id, request_of
from services.api.reading import chosen_id
from services.api.routes.carrying import command

PROCEDURE = "/v1/procedures/{procedure}"


async def save_draft(call: Call) -> Answer:
    """Write a draft; a new id makes a new procedure."""
    b.refuse_unknown_fields(call.raw)
    command_ = c.SaveDraft(ProcedureId(chosen_id(call.ids["procedure"])), call.body.definition)
    return receipt(await call.deps.commands.execute(request_of(call), command_))


async def adopt(call: Call) -> Answer:
    """Make a procedure of a starter, and publish it."""
    definition = STARTER.get(call.ids["code"])
    if definition is None:
        raise NotFound("expected a starter procedure by its short name, but there is none of that name")
    first = request_of(call)
    procedure = ProcedureId(new_id(call, Identity(first.command, first.repeatable), call.tenant, "procedure"))
    await call.deps.commands.execute(first, c.SaveDraft(procedure, definition))
    # One command writes once: publishing is another, which follows from the first and is its effect.
    second = replace(
        first,
        command=CommandId(derived(call.tenant, first.command, "publication")),
        expected_version=None,
        correlation=first.command,
        causation=first.command,
    )
    found = await call.deps.commands.execute(second, c.PublishProcedure(procedure))
    return made(ProcedureAnswer, found, f"/v1/procedures/{procedure}", procedure=procedure)


def _procedure(call: Call) -> ProcedureId:
    return ProcedureId(call.ids["procedure"])


ENDPOINTS = (
    Endpoint(
        "PUT",
        f"{PROCEDURE}/draft",
        "save_draft",
        "Write a procedure's draft; a new id (a UUID of version 4 or 7) makes a new procedure.",
        "save_draft",
        save_draft,
        body=b.DraftBody,
        answer=CommandAnswer,
        carries_out=("save_draft",),
    ),
    command(
        "POST",
        f"{PROCEDURE}/publication",
        c.PublishProcedure,
        lambda call: c.PublishProcedure(_procedure(call)),
    ),
    command("DELETE", PROCEDURE, c.RetireProcedure, lambda call: c.RetireProcedure(_procedure(call))),
    Endpoint(
        "POST",
        "/v1/starter-procedures/{code}/adoption",
        "adopt_starter",
        "Make a procedure of a starter and publish it: runs can start at once, and it can be changed at will.",
        "save_draft",
        adopt,
        201,
        b.Body,
        ProcedureAnswer,
        carries_out=("save_draft", "publish_procedure"),
    ),
)
