"""`python -m tests.duties --seconds 300`: the crowd for longer, on a server of its own; says what was answered."""

import argparse
import asyncio
import sys
import time
from random import Random

from infra.embedded_postgres import EmbeddedPostgres
from services.database import prepare
from services.program import projecting
from tests.commands.desks import desks
from tests.duties.crowd import Crowd, check


async def crowded(dsn: str, clients: int, seconds: float, seed: int) -> Crowd:
    """Let the crowd work, and check."""
    async with desks(dsn, 2) as both:
        crowd = Crowd(both, Random(seed))
        with projecting(dsn):
            await crowd.work(clients, seconds)
    check(dsn, crowd)
    return crowd


def main() -> None:
    """Read the arguments, run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}")  # noqa: T201 - a script for people
    with EmbeddedPostgres.temporary() as server:
        prepare(server.dsn)
        try:
            crowd = asyncio.run(crowded(server.dsn, given.clients, given.seconds, given.seed))
        except AssertionError as broken:
            sys.exit(f"a promise was broken: {broken}")
    for what, count in crowd.answers.most_common():
        print(f"{count:>8,}  {what}")  # noqa: T201 - the same


if __name__ == "__main__":
    main()
