"""What goes on beside other tasks of an event loop, for as long as a block runs."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def going_on(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    """A task that is cancelled, and waited for, at the end."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
