"""`python -m bench.exports`: how fast a company's log is exported, in how much memory, and how fast that is verified.

One company lives through months of the demo's work, as dense as it takes for so many events; its log is signed. Then it
is exported, to JSON Lines and CSV and to all formats, each time by a process of its own; memory is that of all the
processes that this one has, what they share counted once (PSS), looked at all along. And the enclosed verify.py is run
on it. Exit status 1 when a goal is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psutil
import uvloop

from bench.server import database, machine, postgres, settle
from infra.migrations import migrate
from infra.settings import Settings
from services.bootstrap import write_side
from services.checkpointer import known_keys, sign_all
from services.demo.companies import company_plans
from services.demo.generator import MOST_STATES, generate
from services.exports.wanted import FORMATS

MONTHS, SEED = 10, 5
FIXED, BY_SCALE = 125, 880
"""Events a month of the one company: those of the calendar and the staff, and those of scale 1."""
GOALS = {"csv": 20_000.0, "all": 0.5}
"""Events a second of JSON Lines and CSV; of all formats, as a part of that rate."""
MOST_MB, LEAST_VERIFIED = 200.0, 50_000.0
LOOK_EVERY = 0.2
"""Seconds between looks at memory."""


def main() -> int:
    """Measure, print, and compare with the goals."""
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many")
    parser.add_argument("--rounds", type=int, default=1, help="of each export; the best counts")
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    asked = parser.parse_args()
    with postgres(asked.dsn) as server, TemporaryDirectory() as folder:
        print(machine(server))
        os.environ["ASHIATO_KEY_FILE"] = str(Path(folder) / "keys")
        log = database(server, "bench_exports")
        migrate(log)
        tenant, key = _lived(log, asked.events, Settings(data_dir=Path(folder)))
        return int(not _measured(log, tenant, key, Path(folder), asked.rounds))


def _lived(dsn: str, events: int, settings: Settings) -> tuple[str, str]:
    """A signed log; its company, and the key it is verified by."""
    end = datetime.now(UTC)
    start, scale = end - timedelta(days=round(MONTHS * 30.4)), max(0.02, (events / MONTHS - FIXED) / BY_SCALE)

    async def live() -> tuple[str, int]:
        async with write_side(dsn, most_keys=MOST_STATES) as write:
            plans = list(company_plans(1, scale))
            made = await generate(write, seed=SEED, start=start, end=end, companies=plans, progress=_told)
        return made.companies[0].tenant, made.events

    started = perf_counter()
    tenant, count = uvloop.run(live())
    lived = perf_counter() - started
    sign_all(dsn, settings)
    settle(dsn)
    print(f"a company lived through {count:,} events in {lived:.0f} s ({count / lived:,.0f} a second)")
    return tenant, str(known_keys(dsn)[-1].verifier(tenant))


def _told(day: int, days: int) -> None:
    """Say how far it is, where somebody looks at it."""
    if sys.stderr.isatty():
        print(f"\rday {day} of {days}", end="" if day < days else "\n", file=sys.stderr, flush=True)


def _measured(dsn: str, tenant: str, key: str, folder: Path, rounds: int) -> bool:
    rates: dict[str, float] = {}
    met = []
    for name, formats in (("JSON Lines", "none"), ("JSON Lines and CSV", "csv"), ("all formats", ",".join(FORMATS))):
        bundle = folder / name.replace(" ", "-")
        best = max((_exported(dsn, tenant, bundle, formats) for _ in range(rounds)), key=lambda one: one["rate"])
        rates[name] = best["rate"]
        memory = [mb for _, mb in best["memory"]]
        print(
            f"{name}: {best['events']:,} events in {best['seconds']:.1f} s, {best['rate']:,.0f} a second "
            f"({best['events'] / best['processor']:,.0f} by the processor time of all that made it); "
            f"memory at most {max(memory):.0f} MB, along the way {_along(best['memory'])}"
        )
        met.append(max(memory) < MOST_MB)
    part = rates["all formats"] / rates["JSON Lines and CSV"]
    print(f"all formats go at {part:.2f} of the rate of JSON Lines and CSV")
    verified = _verified(folder / "all-formats", key)
    print(f"verify.py looks at {verified:,.0f} events a second, all formats beside them")
    return all([*met, rates["JSON Lines and CSV"] >= GOALS["csv"], part >= GOALS["all"], verified >= LEAST_VERIFIED])


def _exported(dsn: str, tenant: str, folder: Path, formats: str) -> dict[str, Any]:
    """What a process of its own tells of an export; the bundle stays, until the next of the same name."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "bench.one_export", dsn, tenant, str(folder), formats]
    with psutil.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        memory = list(_looks(process))
        told: dict[str, Any] = json.loads(process.stdout.read())
    return {**told, "rate": told["events"] / told["seconds"], "memory": memory}


def _looks(process: psutil.Process) -> Iterator[tuple[float, float]]:
    """Memory of a process and of those it has, until it ends: when, in seconds, and how much, in MB."""
    started = perf_counter()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            every = [process, *process.children(recursive=True)]
            yield perf_counter() - started, sum(one.memory_full_info().pss for one in every) / 1e6
        with suppress(psutil.TimeoutExpired):
            process.wait(LOOK_EVERY)


def _along(memory: list[tuple[float, float]]) -> str:
    """Memory after a tenth, a half, and most of the time: MB."""
    last = memory[-1][0]
    found = [next(mb for at, mb in memory if at >= last * part) for part in (0.1, 0.5, 0.9)]
    return " → ".join(f"{mb:.0f}" for mb in found) + " MB (after 10, 50 and 90 % of the time)"


def _verified(bundle: Path, key: str) -> float:
    """Events a second that the enclosed program looks at."""
    told = json.loads((bundle / "data" / "export.json").read_text(encoding="utf-8"))
    command = [sys.executable, "-I", "-S", str(bundle / "data" / "verify.py"), str(bundle), "--key", key]
    started = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own program
    if not done.stdout.endswith("VERIFIED\n"):
        raise RuntimeError(done.stdout)
    return float(told["events"]) / (perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
