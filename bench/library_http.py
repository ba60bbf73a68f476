"""The reference over HTTP: the library behind FastAPI's thread pool, in one uvicorn process."""

import hashlib
import json
import os
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from bench import load
from bench.harness import Figures
from bench.http_server import HttpServer
from bench.library_model import Runs, StepNotReadyError, environment
from bench.library_reference import MOST_PER_SECOND, POOL, seed
from bench.server import database
from bench.workload import MEMBERS, Task, Workload, member, serial, step_id, values

KEYS = {name: hashlib.sha256(f"key of {name}".encode()).hexdigest() for name in MEMBERS}
"""A key for every member; 64 characters, as long as a 256-bit key in hexadecimal."""


class LibraryHttp:
    """Completing steps through the library's server; `workload.callers` connections."""

    def __init__(self, dsn: str, workload: Workload, cached: bool = False) -> None:
        """A database of its own, an application to seed it, and the server."""
        self._workload = workload
        self._dsn = database(dsn, f"bench_library_{next(serial)}")
        self._app = Runs(environment(self._dsn, 1))
        settings = {"BENCH_DSN": self._dsn, "BENCH_CACHED": "y" * cached}
        self._server = HttpServer("bench.library_http:app", settings)

    def measure(self, seconds: float) -> Figures:
        """Fresh runs, then requests for `seconds`."""
        runs = seed(self._app, self._dsn, self._workload, self._workload.runs_for(seconds, MOST_PER_SECOND))
        chains = [[completion(task) for task in chain] for chain in self._workload.chains(runs)]
        found = load.run(self._server.port, self._workload.callers, seconds, chains)
        return {**found, "rss_mb": self._server.rss_mb}

    def close(self) -> None:
        """Stop the server."""
        self._server.close()
        self._app.close()


def completion(task: Task) -> bytes:
    """The request that completes a step, with the key of the one who does it."""
    body = json.dumps({"values": values(task.step)}, ensure_ascii=False).encode()
    headers = {"authorization": f"Bearer {KEYS[member(task.step)]}"}
    return load.request("PUT", f"/v1/runs/{task.run}/steps/{step_id(task.step)}/completion", headers, body)


class Completion(BaseModel):
    """The body of a request."""

    values: dict[str, str | int | bool]


class Position(BaseModel):
    """The answer: where in the log the completion is."""

    position: int


def app() -> FastAPI:
    """What uvicorn starts: one endpoint, run in the thread pool because it blocks."""
    runs = Runs(environment(os.environ["BENCH_DSN"], POOL, bool(os.environ["BENCH_CACHED"])))
    members = {hashlib.sha256(key.encode()).digest(): name for name, key in KEYS.items()}

    # asynchronous although it does not wait: a plain function would cost another trip to the thread pool
    async def caller(authorization: Annotated[str, Header()]) -> str:
        found = members.get(hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest())
        if found is None:
            raise HTTPException(401)
        return found

    server = FastAPI()

    @server.put("/v1/runs/{run}/steps/{step}/completion")
    def complete(run: UUID, step: str, body: Completion, by: Annotated[str, Depends(caller)]) -> Position:
        try:
            return Position(position=runs.complete_step(run, step, by, dict(body.values)))
        except StepNotReadyError as why:
            raise HTTPException(409, str(why)) from why

    return server
