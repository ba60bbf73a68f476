"""Routes for erasing people."""

from commands import erasure as c
from domain.ids import MemberId, RunId
from services.api import bodies as b
from services.api.answers import ErasureAnswer, made
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint
from services.api.envelope import request_of


async def erase_person(call: Call) -> Answer:
    """Erase a person."""
    body: b.ErasureBody = call.body
    command = c.ErasePerson(MemberId(body.member) if body.member else None, tuple(map(RunId, body.runs)))
    found = await call.deps.commands.execute(request_of(call), command)
    erasure = found.command if found.events or found.repeated else None
    return made(ErasureAnswer, found, "/v1/erasures", erasure=erasure)


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
        b.ErasureBody,
        ErasureAnswer,
        carries_out=("erase_person",),
    ),
)
