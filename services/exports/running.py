"""Having an export made by a process of its own: it ends with the block, whatever ends that."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from infra.own_programs import environment
from services.exports.orders import PROGRAM, Done, Failed, Far, Order, order_line, words

ENDS_WITHIN = 10.0
"""Seconds that it gets to take away what is half made."""


class Running:
    """The process; `far` is how far it said it is, `came_to` what came of it: None when it ended without a word."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._listening = asyncio.create_task(self._listen(), name="listening to an export")
        self.far = Far(0, 0)
        self.came_to: Done | Failed | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ended(self, within: float) -> bool:
        """Whether it has ended, or does within so many seconds."""
        done, _ = await asyncio.wait({self._listening}, timeout=within)
        return bool(done)

    async def end(self) -> None:
        """It is not wanted any more, or has nothing to say."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._listening

    async def _listen(self) -> None:
        stdout = self._process.stdout
        while stdout is not None and (line := await stdout.readline()):
            word = words.decode(line)
            if isinstance(word, Far):
                self.far = word
            else:
                self.came_to = word


@asynccontextmanager
async def running(order: Order) -> AsyncIterator[Running]:
    """A process that makes an export."""
    process = await asyncio.create_subprocess_exec(*PROGRAM, stdin=PIPE, stdout=PIPE, env=environment())
    one = Running(process)
    try:
        if process.stdin is not None:
            with suppress(ConnectionError):  # it has ended, as its silence will say
                process.stdin.write(order_line(order) + b"\n")
                await process.stdin.drain()
        yield one
    finally:
        await one.end()
