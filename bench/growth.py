"""`python -m bench.growth`: what becomes of ten, a hundred and a thousand times the load, by the measured rates.

Companies of very different sizes are placed on partitions and on nodes by a hash, as Kafka and a database spread by
tenant would place them. Every figure comes from `bench/results.json`, or is one of the assumptions that are printed.
The tables are those of docs/scaling.md; `--write` puts them there, and a test says when they differ.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent / "docs" / "scaling.md"
BEGIN, END = "<!-- bench.growth -->\n", "<!-- /bench.growth -->\n"
FACTORS = (1, 10, 100, 1_000)
SECONDS_A_DAY = 86_400
GB, MB = 1e9, 1e6

MEASURED = {
    "append": ("complete a step, 20 events, 128 callers", "commands/s, decided and appended by one process"),
    "http": ("complete a step over HTTP, 64 connections", "commands/s, over HTTP by one process, PostgreSQL beside it"),
    "live": ("live projection of all read models", "events/s, all read models by one process"),
    "rebuild": ("rebuild of all read models", "events/s, all read models by two workers"),
    "as_of": ("100,000 events of a tenant as of then", "ms, 100,000 events of a company as of then"),
    "per_command": ("events a command", "events of a command"),
    "log": ("an event in the log", "bytes of an event in the log"),
    "indexes": ("an event in the log's indexes", "bytes of an event in the log's indexes"),
    "ledger": ("an event in the ledger of commands", "bytes of an event in the ledger of commands"),
    "read_models": ("an event in all read models", "bytes of an event in all read models"),
    "wal_append": ("write-ahead log of appending an event", "bytes of WAL for appending an event"),
    "wal_project": ("write-ahead log of projecting an event", "bytes of WAL for projecting an event"),
}
"""Figures by the names they have here: the row of results.json, and what it is."""
LATER = {"relay": ("relay to Kafka", "events/s, from the log to Kafka by one relay")}
"""The same, where a run may have left them out."""


@dataclass(frozen=True)
class Assumed:
    """What nobody measured; each is said beside the tables."""

    commands: float = 500.0
    companies: int = 1_000
    busy: float = 0.1
    full: float = 0.7
    exponent: float = 1.0
    sigma: float = 2.0
    partitions: int = 12


SAID = {
    "commands": "commands/s at the peak of the load 1×: what the goals of the dashboards are set at",
    "companies": "companies at 1×; their number grows with the load, and the sizes stay as they are spread",
    "busy": "mean load of a day, as a part of the peak",
    "full": "the part of a measured rate that a node or partition is given at most, if the load is even",
    "exponent": "Zipf's: the nth company is 1/n to this power as large as the first",
    "sigma": "of the logarithms of sizes, where they are log-normal",
    "partitions": "partitions of the topic, and at least so many (`ASHIATO_KAFKA_PARTITIONS`)",
}

Sizes = Sequence[float]


@dataclass(frozen=True)
class Placed:
    """Companies on places: the load of the fullest place against the mean, and the largest company's part of all."""

    places: int
    fullest: float
    largest: float

    @property
    def skew(self) -> float:
        """How many times the mean the fullest place has."""
        return self.fullest * self.places


def measured(path: Path = RESULTS) -> Mapping[str, float]:
    """The figures of a full run. Raises KeyError when one is missing."""
    rows = {row["name"]: row["ours"] for row in json.loads(path.read_text(encoding="utf-8"))}
    needed = {name: float(rows[row]) for name, (row, _) in MEASURED.items()}
    return needed | {name: float(rows[row]) for name, (row, _) in LATER.items() if row in rows}


def zipf(count: int, assumed: Assumed, chance: Random) -> Sizes:
    """Parts of the whole, a few of them huge; nothing is left to chance."""
    return _parts([1 / (n + 1) ** assumed.exponent for n in range(count)])


def log_normal(count: int, assumed: Assumed, chance: Random) -> Sizes:
    """Parts of the whole whose logarithms are normal."""
    return _parts([chance.lognormvariate(0.0, assumed.sigma) for _ in range(count)])


SHAPES: Mapping[str, Callable[[int, Assumed, Random], Sizes]] = {"Zipf": zipf, "log-normal": log_normal}


def placed(sizes: Sizes, places: int, seed: int) -> Placed:
    """Each company on the place that a hash of its name gives it."""
    load = [0.0] * places
    for company, size in enumerate(sizes):
        name = blake2b(f"{seed}/{company}".encode(), digest_size=8).digest()
        load[int.from_bytes(name) % places] += size
    return Placed(places, max(load), max(sizes))


def waiting(rate: float, capacity: float) -> float | None:
    """Seconds that work waits and is done, on average, at one server of that capacity (M/M/1); None: ever longer."""
    return 1 / (capacity - rate) if rate < capacity else None


def tables(figures: Mapping[str, float], seed: int = 1, assumed: Assumed | None = None) -> str:
    """All tables as Markdown."""
    assumed = assumed or Assumed()
    parts = (_rates(figures), _assumptions(assumed), _one_machine(figures, assumed), _spread(figures, assumed, seed))
    return "\n".join("\n".join(part) + "\n" for part in parts)


def _parts(weights: Sequence[float]) -> Sizes:
    whole = math.fsum(weights)
    return [weight / whole for weight in weights]


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _number(figure: float) -> str:
    """Two digits that say something."""
    if figure == 0 or abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.2g}" if abs(figure) < 10 else f"{figure:.0f}"


def _rates(figures: Mapping[str, float]) -> Iterator[str]:
    yield _row("measured", "", "row of `bench/results.json`")
    yield _row("---", "--:", "---")
    for name, (row, what) in (MEASURED | LATER).items():
        yield _row(what, _number(figures[name]) if name in figures else "not measured yet", row)


def _assumptions(assumed: Assumed) -> Iterator[str]:
    yield _row("assumed", "")
    yield _row("---", "--:")
    for field in fields(assumed):
        yield _row(SAID[field.name], f"{getattr(assumed, field.name):,g}")


def _one_machine(figures: Mapping[str, float], assumed: Assumed) -> Iterator[str]:
    """What each part would have to do; 1.0 is all that the measured machine can."""
    yield _row("of one machine's", *(f"{factor:,}×" for factor in FACTORS))
    yield _row("---", *("--:" for _ in FACTORS))
    peaks = [assumed.commands * factor for factor in FACTORS]
    mean_a_day = [peak * figures["per_command"] * assumed.busy * SECONDS_A_DAY for peak in peaks]
    disk = sum(figures[part] for part in ("log", "indexes", "ledger", "read_models"))
    wal = figures["wal_append"] + figures["wal_project"]
    lines: dict[str, Sequence[float]] = {
        "commands/s at the peak": peaks,
        "events/s at the peak": [peak * figures["per_command"] for peak in peaks],
        "append, part of its rate": [peak / figures["append"] for peak in peaks],
        "HTTP, part of one process's rate": [peak / figures["http"] for peak in peaks],
        "live projection, part of one process's rate": [p * figures["per_command"] / figures["live"] for p in peaks],
        "WAL, MB/s at the peak": [peak * figures["per_command"] * wal / MB for peak in peaks],
        "disk, GB a day": [events * disk / GB for events in mean_a_day],
        "rebuild of a year's events, hours": [events * 365 / figures["rebuild"] / 3_600 for events in mean_a_day],
        "as of, the largest company's year (Zipf), s": list(_as_of(figures, assumed, mean_a_day)),
    }
    if "relay" in figures:
        lines["relay, part of its rate"] = [p * figures["per_command"] / figures["relay"] for p in peaks]
    for what, row in lines.items():
        yield _row(what, *map(_number, row))


def _as_of(figures: Mapping[str, float], assumed: Assumed, a_day: Sequence[float]) -> Iterator[float]:
    for factor, events in zip(FACTORS, a_day, strict=True):
        largest = zipf(assumed.companies * factor, assumed, Random())[0]
        yield events * 365 * largest / 100_000 * figures["as_of"] / 1_000


def _spread(figures: Mapping[str, float], assumed: Assumed, seed: int) -> Iterator[str]:
    """Nodes and partitions enough for an even load, and what the sizes of companies make of that."""
    heading = ("load", "sizes", "largest company", "nodes", "fullest node", "append there", "a command there, ms")
    yield _row(*heading, "partitions", "fullest partition", "projection there", "an event there, ms")
    yield _row(*("---", "---"), *("--:" for _ in range(9)))
    for factor in FACTORS:
        peak = assumed.commands * factor
        events = peak * figures["per_command"]
        nodes = math.ceil(peak / (assumed.full * figures["append"]))
        partitions = max(assumed.partitions, math.ceil(events / (assumed.full * figures["live"])))
        for name, shape in SHAPES.items():
            sizes = shape(assumed.companies * factor, assumed, Random(seed))
            on_nodes, on_partitions = placed(sizes, nodes, seed), placed(sizes, partitions, seed)
            yield _row(
                f"{factor:,}×",
                name,
                f"{on_nodes.largest:.2%}",
                *_place(on_nodes, peak, figures["append"]),
                *_place(on_partitions, events, figures["live"]),
            )


def _place(on: Placed, rate: float, capacity: float) -> Iterator[str]:
    """Places, the fullest one's skew, its part of the measured rate, and how long work takes there."""
    there = rate * on.fullest
    took = waiting(there, capacity)
    yield f"{on.places:,}"
    yield f"{on.skew:.2f}× the mean"
    yield _number(there / capacity)
    yield "ever longer" if took is None else _number(took * 1_000)


def page(text: str, made: str) -> str:
    """A page with the tables in their place."""
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + made + END + rest.partition(END)[2]


def main() -> int:
    """Print the tables, or put them into docs/scaling.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description="The load, grown on paper.")
    parser.add_argument("--seed", type=int, default=1, help="another placement, and other log-normal sizes")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scaling.md")
    asked = parser.parse_args()
    made = tables(measured(), asked.seed)
    if asked.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
