"""A plain FastAPI endpoint that authenticates, parses the body, and does nothing: what a framework alone costs.

Our own idle endpoint stands on an edge that does without FastAPI's routing and dependencies, so it is several times
quicker than this one; both are measured.
"""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException

from bench import load
from bench.harness import Figures
from bench.http_server import HttpServer
from bench.library_http import KEYS, Completion, Position, completion
from bench.workload import Workload, serial

MOST_PER_SECOND = 15_000


class FastApiNothing:
    """The requests of the other sides, to an asynchronous endpoint that answers at once."""

    def __init__(self, connections: int) -> None:
        """The server alone: there is no database."""
        self._workload = Workload(connections, 20)
        self._server = HttpServer("bench.fastapi_nothing:app", {})

    def measure(self, seconds: float) -> Figures:
        """Requests a second."""
        run = str(UUID(int=next(serial)))
        runs = [run] * self._workload.runs_for(seconds, MOST_PER_SECOND)
        chains = [[completion(task) for task in chain] for chain in self._workload.chains(runs)]
        return load.run(self._server.port, self._workload.callers, seconds, chains)

    def close(self) -> None:
        """Stop the server."""
        self._server.close()


def app() -> FastAPI:
    """What uvicorn starts."""
    members = {hashlib.sha256(key.encode()).digest(): name for name, key in KEYS.items()}

    async def caller(authorization: Annotated[str, Header()]) -> str:
        found = members.get(hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest())
        if found is None:
            raise HTTPException(401)
        return found

    server = FastAPI()

    @server.put("/v1/runs/{run}/steps/{step}/completion")
    async def nothing(run: UUID, step: str, body: Completion, by: Annotated[str, Depends(caller)]) -> Position:
        return Position(position=0)

    return server
