"""Kill everything between the log and the read models, over and over: `python -m tests.faults.kafka`.

Relays, projectors, the broker and PostgreSQL are killed, relays are held up until others have taken over; at the end
each event must have been applied once and in order. Ends with 1 when that is not so.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping

from rich.progress import Progress

from tests.faults.kafka_ordeal import KafkaOrdeal

FAULTS: Mapping[str, Callable[[KafkaOrdeal], None]] = {
    "relay": KafkaOrdeal.kill_relay,
    "projector": KafkaOrdeal.kill_projector,
    "broker": KafkaOrdeal.kill_broker,
    "PostgreSQL": KafkaOrdeal.kill_database,
    "zombie relay": KafkaOrdeal.hold_relay,
}
OFTEN = (*["relay"] * 5, *["projector"] * 5, *["broker"] * 2, *["PostgreSQL"] * 2, *["zombie relay"] * 2)


def inflict(ordeal: KafkaOrdeal, kills: int, seed: int, most_between: int = 1_500) -> None:
    """So many kills, and some zombies between them, at random moments and not all of a kind."""
    chance = random.Random(seed)
    with Progress() as bar:
        task = bar.add_task("kills", total=kills)
        turns: list[str] = []
        while sum(count for kind, count in ordeal.done.items() if kind != "zombie relay") < kills:
            turns = turns or chance.sample(OFTEN, len(OFTEN))
            kind = turns.pop()
            ordeal.let_work(chance.randint(1, most_between))
            FAULTS[kind](ordeal)
            ordeal.done[kind] += 1
            bar.update(task, advance=kind != "zombie relay", description=kind)


def main() -> None:
    """Read the arguments, run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--tenants", type=int, default=24)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}")  # noqa: T201 - a script for people
    began = time.monotonic()
    try:
        with KafkaOrdeal(given.tenants, given.events) as ordeal:
            inflict(ordeal, given.kills, given.seed)
            said = ordeal.finish()
    except AssertionError as broken:
        sys.exit(f"a promise was broken: {broken}")
    print(f"applied once and in order: {said}; {time.monotonic() - began:.0f} s")  # noqa: T201 - the same


if __name__ == "__main__":
    main()
