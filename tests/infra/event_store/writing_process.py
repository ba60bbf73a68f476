"""A process that writes to the log in batches of mixed sizes: `python -m … <how> <dsn> <seed> <batches>`.

how: `append` calls the function, `recorder` the library's insert_events, `crash` stops in mid-batch and waits to be
killed.
"""

import random
import sys
import time

import psycopg
from eventsourcing.persistence import StoredEvent

from infra.event_store.application import environment
from infra.event_store.recorder import LogFactory
from infra.ids import uuid7
from tests.infra.event_store.appending import TENANT, append, writes

LARGEST = 40


def by_append(dsn: str, chance: random.Random, batches: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(batches):
            commands = range(chance.randint(1, 6))
            append(connection, *(writes(uuid7(), count=chance.randint(1, LARGEST)) for _ in commands))


def by_recorder(dsn: str, chance: random.Random, batches: int) -> None:
    factory = LogFactory(environment(dsn, TENANT))
    recorder = factory.application_recorder()
    for _ in range(batches):
        stream, size = uuid7(), chance.randint(1, LARGEST)
        recorder.insert_events([StoredEvent(stream, n, "test.happened", b"{}") for n in range(1, size + 1)])
    factory.close()


def crash(dsn: str, chance: random.Random, batches: int) -> None:
    by_append(dsn, chance, batches)
    with psycopg.connect(dsn) as connection:
        append(connection, writes(uuid7(), count=LARGEST))
        print("in mid-batch", flush=True)  # noqa: T201 - what the test waits for
        time.sleep(60)


HOW = {"append": by_append, "recorder": by_recorder, "crash": crash}

if __name__ == "__main__":
    HOW[sys.argv[1]](sys.argv[2], random.Random(int(sys.argv[3])), int(sys.argv[4]))
