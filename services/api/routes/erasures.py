"""Routes for what a company keeps: erase a person, hold, retain, and the company's end."""

from datetime import UTC

from commands import erasure as c
from domain.ids import MemberId, ProcedureId, RunId, TenantId
from domain.services import OPERATOR
from services.api import bodies as b
from services.api import keeping_bodies as k
from services.api.answers import CommandAnswer, ErasureAnswer, HoldAnswer, made, receipt
from services.api.call import Answer, Call
from services.api.endpoint import OPERATOR as NEEDS_OPERATOR
from services.api.endpoint import Endpoint
from services.api.envelope import identity, open_request, request_of
from services.api.routes.carrying import command

END = "/v1/company/end"


async def erase_person(call: Call) -> Answer:
    """Erase a person."""
    body: k.ErasureBody = call.body
    command = c.ErasePerson(MemberId(body.member) if body.member else None, tuple(map(RunId, body.runs)))
    found = await call.deps.commands.execute(request_of(call), command)
    erasure = found.command if found.events or found.repeated else None
    return made(ErasureAnswer, found, "/v1/erasures", erasure=erasure)


async def set_hold(call: Call) -> Answer:
    """Hold something."""
    body: k.HoldBody = call.body
    command = c.SetHold(MemberId(body.member) if body.member else None, RunId(body.run) if body.run else None)
    found = await call.deps.commands.execute(request_of(call), command)
    hold = found.command if found.events or found.repeated else None
    return made(HoldAnswer, found, "/v1/holds", hold=hold)


async def close(call: Call) -> Answer:
    """Destroy a company's keys, as the operator."""
    tenant = TenantId(call.ids["tenant"])
    given = identity(call, call.headers.get(b"idempotency-key"), f"operator\n{tenant}")
    return receipt(await call.deps.commands.execute(open_request(call, given, tenant, OPERATOR.id), c.CloseTenant()))


def _retention(call: Call) -> c.SetRetention:
    body: k.RetentionBody = call.body
    return c.SetRetention(ProcedureId(body.procedure) if body.procedure else None, body.years)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/erasures",
        "erase_person",
        "Erase (消去) what is personal of a former member, of those whom closed runs were about, or of both, for good: "
        "the keys that it is sealed under are destroyed. What they did stays on record under their id; their names read"
        " 消去済み (erased) everywhere, in the past too. A reason is needed.",
        "erase_person",
        erase_person,
        201,
        k.ErasureBody,
        ErasureAnswer,
        carries_out=("erase_person",),
    ),
    Endpoint(
        "POST",
        "/v1/holds",
        "set_hold",
        (c.SetHold.__doc__ or "").strip(),
        "set_hold",
        set_hold,
        201,
        k.HoldBody,
        HoldAnswer,
        carries_out=("set_hold",),
    ),
    command("DELETE", "/v1/holds/{hold}", c.ReleaseHold, lambda call: c.ReleaseHold(call.ids["hold"])),
    command("PUT", "/v1/retention", c.SetRetention, _retention, k.RetentionBody),
    command("PUT", END, c.AnnounceEnd, lambda call: c.AnnounceEnd(call.body.keys_until.astimezone(UTC)), k.EndBody),
    command("DELETE", END, c.WithdrawEnd, lambda _: c.WithdrawEnd()),
    Endpoint(
        "POST",
        "/v1/tenants/{tenant}/closing",
        "close_tenant",
        (c.CloseTenant.__doc__ or "").strip(),
        NEEDS_OPERATOR,
        close,
        body=b.Body,
        answer=CommandAnswer,
        carries_out=("close_tenant",),
    ),
)
