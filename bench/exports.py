"""`python -m bench.exports`: how fast a company's log is exported, in how much memory, and how fast that is verified.

One company lives through months of the demo's work, as dense as it takes for so many events; its log is signed. Then it
is exported, to JSON Lines and CSV and to all formats, each time by a process of its own whose memory is looked at all
along; and the enclosed verify.py is run on it. Exit status 1 when a goal is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import uvloop

from bench.server import database, machine, postgres, settle
from infra.migrations import migrate
from infra.settings import Settings
from services.bootstrap import write_side
from services.checkpointer import known_keys, sign_all
from services.demo.companies import company_plans
from services.demo.generator import generate
from services.exports.bundle import export
from services.exports.wanted import FORMATS, Asked, Wanted

MONTHS, SEED = 10, 5
FIXED, BY_SCALE = 125, 880
"""Events a month of the one company: those of the calendar and the staff, and those of scale 1."""
GOALS = {"csv": 20_000.0, "all": 0.5}
"""Events a second of JSON Lines and CSV; of all formats, as a part of that rate."""
MOST_MB, LEAST_VERIFIED = 200.0, 50_000.0
SAMPLES = 20


def main() -> int:
    """Measure, print, and compare with the goals."""
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many")
    parser.add_argument("--rounds", type=int, default=1, help="of each export; the best counts")
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    parser.add_argument("--one", nargs=4, metavar=("DSN", "TENANT", "FOLDER", "FORMATS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        return _one(*asked.one)
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
        async with write_side(dsn) as write:
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
        print(
            f"{name}: {best['events']:,} events in {best['seconds']:.1f} s, {best['rate']:,.0f} a second "
            f"({best['by_processor']:,.0f} by the processor time of the exporting process); "
            f"memory at most {best['most_mb']:.0f} MB, along the way {_along(best['memory'])}"
        )
        met.append(best["most_mb"] < MOST_MB)
    part = rates["all formats"] / rates["JSON Lines and CSV"]
    print(f"all formats go at {part:.2f} of the rate of JSON Lines and CSV")
    verified = _verified(folder / "all-formats", key)
    print(f"verify.py looks at {verified:,.0f} events a second, all formats beside them")
    return all([*met, rates["JSON Lines and CSV"] >= GOALS["csv"], part >= GOALS["all"], verified >= LEAST_VERIFIED])


def _exported(dsn: str, tenant: str, folder: Path, formats: str) -> dict[str, Any]:
    """What a process of its own tells of an export; the bundle stays, until the next of the same name."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "bench.exports", "--one", dsn, tenant, str(folder), formats]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own program
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _one(dsn: str, tenant: str, folder: str, formats: str) -> int:
    """Export, and tell of it as JSON."""
    chosen: Any = tuple(name for name in FORMATS if name in formats.split(","))
    asked = Asked("bench", "bench", datetime.now(UTC), "bench")
    memory: list[tuple[int, float]] = []
    started, used = perf_counter(), process_time()
    made = export(dsn, Wanted(tenant, chosen), asked, Path(folder), lambda n, _: memory.append((n, _resident())))
    seconds, own = perf_counter() - started, process_time() - used
    memory.append((made.events, _resident()))
    few = memory[:: max(1, len(memory) // SAMPLES)]
    told = {"events": made.events, "seconds": seconds, "rate": made.events / seconds, "memory": few}
    print(json.dumps({**told, "by_processor": made.events / own, "most_mb": _of_status("VmHWM")}))
    return 0


def _along(memory: list[tuple[int, float]]) -> str:
    """Memory after a tenth, a half, and all of the events: MB."""
    last = memory[-1][0]
    found = [next(mb for n, mb in memory if n >= last * part) for part in (0.1, 0.5, 0.9)]
    return " → ".join(f"{mb:.0f}" for mb in found) + " MB (at 10, 50 and 90 % of the first pass)"


def _resident() -> float:
    return _of_status("VmRSS")


def _of_status(name: str) -> float:
    """A figure of this process's memory, MB; Linux tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


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
