"""How a route becomes a command: build it from the call, carry it out, answer with the receipt."""

from collections.abc import Callable

from commands.catalogue import Command
from commands.request import Receipt
from services.api.answers import CommandAnswer, receipt
from services.api.bodies import Body
from services.api.call import Answer, Call, Handler
from services.api.endpoint import Endpoint
from services.api.envelope import request_of

Build = Callable[[Call], Command]


async def carry_out(call: Call, command: Command) -> Receipt:
    """Carry a member's command out. Raises a Refusal."""
    return await call.deps.commands.execute(request_of(call), command)


def handler(build: Build) -> Handler:
    """A handler that carries out one command."""

    async def handle(call: Call) -> Answer:
        return receipt(await call.deps.commands.execute(request_of(call), build(call)))

    return handle


def command(method: str, path: str, kind: type[Command], build: Build, body: type[Body] = Body) -> Endpoint:
    """A route that carries out one command and answers with its receipt."""
    about = (kind.__doc__ or "").strip()
    return Endpoint(
        method,
        path,
        kind.name,
        about,
        kind.name,
        handler(build),
        body=body,
        answer=CommandAnswer,
        carries_out=(kind.name,),
    )
