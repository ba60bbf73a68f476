"""`python -m bench.feed`: hundreds of readers listen to one company at once, on the program as people start it.

Printed: the program's memory with and without them, its processor time while nothing happens and while remarks are
written, and how late each remark was heard: from its answer to the last reader.
"""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import httpx2
import psutil

from bench.ours_memory import serving
from bench.server import database, machine, postgres
from infra.ids import uuid7
from services.database import prepare
from services.feeding.limits import Limits

EACH_KEY = Limits().of_credential


PROCEDURE = {
    "title": "確認",
    "department": "hr",
    "roles": [{"id": "doer", "title": "担当", "rule": "open"}],
    "steps": [{"id": "first", "title": "確認", "role": "doer"}],
}


@dataclass(frozen=True)
class Office:
    """A company, by its owner's client, and a run."""

    client: httpx2.AsyncClient
    run: str = ""

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, which is no problem."""
        answer = await self.client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    async def remark(self) -> int:
        """Write one; its sequence."""
        return int((await self.ok("POST", f"/v1/runs/{self.run}/comments", {"text": "確認"}))["seq"])


class Listener:
    """One connection, read as it comes; `heard` tells when a sequence came."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self.heard: dict[int, float] = {}

    async def listen(self, opened: asyncio.Semaphore) -> None:
        """Until it is cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"GET /v1/feed HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self._key}\r\n\r\n".encode())
        try:
            async for line in reader:
                if line.startswith(b"retry:"):
                    opened.release()
                if line.startswith(b"id: "):
                    self.heard.setdefault(int(line[4:]), perf_counter())
        finally:
            writer.close()


async def measured(process: psutil.Process, port: int, readers: int, seconds: float, rate: float) -> None:
    """Print the figures."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60))
        office, keys = await _office(client, readers)
        before = process.memory_info().rss
        listeners = [Listener(port, key) for key in islice(cycle(keys), readers)]
        opened = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(listener.listen(opened)) for listener in listeners]
        for _ in listeners:
            await opened.acquire()
        idle = await _processor(process, asyncio.sleep(seconds))
        answered: dict[int, float] = {}
        busy = await _processor(process, _remarks(office, answered, seconds, rate))
        await asyncio.sleep(1.0)
        after = process.memory_info().rss
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    late = [(max(one.heard[seq] for one in listeners) - at) * 1_000 for seq, at in answered.items()]
    print(f"{readers} readers: memory {before / 1e6:,.0f} MB without them, {after / 1e6:,.0f} MB with them")
    print(f"processor: {idle:.1%} of a core while nothing happens, {busy:.1%} at {len(late) / seconds:.0f} remarks/s")
    p99 = quantiles(late, n=100)[98]
    print(f"heard by the last reader: median {median(late):.0f} ms, p99 {p99:.0f} ms after the answer")


async def _office(client: httpx2.AsyncClient, readers: int) -> tuple[Office, list[str]]:
    """A company with a run, and keys enough for so many readers."""
    office = Office(client)
    body = {"company": "Acme", "owner": {"name": "Emi", "email": "emi@acme.example"}}
    made = await office.ok("POST", "/v1/tenants", body)
    client.headers["authorization"] = f"Bearer {made['secret']}"
    issued = [await office.ok("POST", "/v1/api-keys", {"label": str(n)}) for n in range(-(-readers // EACH_KEY))]
    procedure = uuid7()
    await office.ok("PUT", f"/v1/procedures/{procedure}/draft", {"definition": PROCEDURE})
    await office.ok("POST", f"/v1/procedures/{procedure}/publication")
    started = await office.ok("POST", "/v1/runs", {"procedure": procedure, "subject": "山田 太郎"})
    office = Office(client, started["run"])
    await office.ok("GET", f"/v1/departments?wait_for={await office.remark()}")
    return office, [key["secret"] for key in issued]


async def _remarks(office: Office, answered: dict[int, float], seconds: float, rate: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        answered[await office.remark()] = perf_counter()
        await asyncio.sleep(1 / rate)


async def _processor(process: psutil.Process, meanwhile: Coroutine[Any, Any, None]) -> float:
    """The program's processor time, as a part of a core."""
    before, started = process.cpu_times(), perf_counter()
    await meanwhile
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (perf_counter() - started)


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.feed", description="Many who listen at once.")
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=20.0, help="remarks a second, at most")
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    asked = parser.parse_args()
    with postgres(asked.dsn) as dsn:
        print(machine(dsn), flush=True)
        made = database(dsn, "bench_feed")
        prepare(made)
        with serving(made) as (process, port):
            asyncio.run(measured(process, port, asked.readers, asked.seconds, asked.rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
