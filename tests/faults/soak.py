"""Load the program for long while parts of it are killed: `python -m tests.faults.soak --minutes 10`.

Every crash is of a random kind at a random moment; every few of them the program is stopped and each promise is
checked. Ends with 1 at the first one broken, and says which.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from statistics import median

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tests.faults.ordeal import Ordeal

CRASHES: Mapping[str, Callable[[Ordeal], None]] = {
    "server": Ordeal.kill_driver,
    "PostgreSQL": Ordeal.kill_database,
    "both": Ordeal.kill_both,
}
CRASHES_BETWEEN_CHECKS = 20
MOST_ANSWERS_BETWEEN = 2_000


class Soak:
    """Crashes until the time is over, counted."""

    def __init__(self, ordeal: Ordeal, seed: int) -> None:
        self._ordeal = ordeal
        self._chance = random.Random(seed)
        self.crashes: Counter[str] = Counter()
        self.events = 0
        self.memory: list[int] = []

    def turn(self) -> None:
        """Some work, then a crash."""
        self._ordeal.let_work(self._chance.randint(1, MOST_ANSWERS_BETWEEN))
        self.memory.append(self._ordeal.memory())
        kind = self._chance.choice(list(CRASHES))
        CRASHES[kind](self._ordeal)
        self.crashes[kind] += 1
        if self.crashes.total() % CRASHES_BETWEEN_CHECKS == 0:
            self.events = self._ordeal.finish()
            self._ordeal.start_driver()

    def end(self) -> None:
        """The last check."""
        self._ordeal.let_work(100)
        self.events = self._ordeal.finish()

    def __str__(self) -> str:
        killed = ", ".join(f"{kind} {count}×" for kind, count in sorted(self.crashes.items())) or "nothing"
        memory = median(self.memory) / 2**20 if self.memory else 0
        return f"{self.events:,} events; killed: {killed}; memory of the server: median {memory:.0f} MB"


def soak(minutes: float, seed: int) -> Soak:
    """Run it; AssertionError when a promise is broken."""
    until = time.monotonic() + minutes * 60
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Ordeal(seed) as ordeal, Progress(*columns) as bar:
        running = Soak(ordeal, seed)
        task = bar.add_task("soaking", total=minutes * 60)
        while (left := until - time.monotonic()) > 0:
            running.turn()
            bar.update(task, completed=minutes * 60 - left, description=f"{running.crashes.total()} crashes")
        running.end()
    return running


def main() -> None:
    """Read the arguments, run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}")  # noqa: T201 - a script for people
    try:
        print(f"every promise kept: {soak(given.minutes, given.seed)}")  # noqa: T201 - the same
    except AssertionError as broken:
        sys.exit(f"a promise was broken: {broken}")


if __name__ == "__main__":
    main()
