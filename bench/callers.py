"""Many at once: threads or asyncio tasks that take chains of commands until the time is over.

A caller ends its chain before it stops, so that first and later visits of a run (misses and hits of a cache)
come in the same proportion however slow a side is.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from bench.workload import Chain, Task


def threads(callers: int, chains: deque[Chain], do: Callable[[Task], None], seconds: float) -> float:
    """Commands a second of `callers` threads."""
    started = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        counts = pool.map(_thread, *(repeat(each, callers) for each in (chains, do, started + seconds)))
        return sum(counts) / (time.perf_counter() - started)


async def tasks(
    callers: int, chains: deque[Chain], do: Callable[[Task], Awaitable[object]], seconds: float
) -> float:
    """Commands a second of `callers` asyncio tasks."""
    started = time.perf_counter()
    counts = await asyncio.gather(*(_task(chains, do, started + seconds) for _ in range(callers)))
    return sum(counts) / (time.perf_counter() - started)


def _thread(chains: deque[Chain], do: Callable[[Task], None], until: float) -> int:
    done = 0
    while chains and time.perf_counter() < until:
        for task in _next(chains):
            do(task)
            done += 1
    return done


async def _task(chains: deque[Chain], do: Callable[[Task], Awaitable[object]], until: float) -> int:
    done = 0
    while chains and time.perf_counter() < until:
        for task in chains.popleft():
            await do(task)
            done += 1
    return done


def _next(chains: deque[Chain]) -> Chain:
    """The next chain; an empty one when another thread was quicker to take the last."""
    try:
        return chains.popleft()
    except IndexError:
        return []
