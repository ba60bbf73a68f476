"""`python -m bench`: plays the contests, prints the table, writes the results."""

import argparse
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bench import results
from bench.contests import contests, long_contests
from bench.harness import FULL, QUICK, Contest, UnavailableError, play
from bench.results import Row
from bench.server import machine, postgres

HERE = Path(__file__).parent


def main() -> int:
    """Exit status 1 when a goal is missed; what was not measured is told, and is no miss."""
    asked = _arguments()
    # so that servers started here are stopped when the bench is
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    try:
        with postgres(asked.dsn) as dsn:
            heading = machine(dsn)
            long = [contest for contest in long_contests(dsn) if asked.only == contest.name]
            rows = _played(long or contests(dsn), asked)
    except UnavailableError as why:
        print(f"the bench cannot run: {why}", file=sys.stderr)
        return 2
    results.show(rows, heading)
    results.write(rows, _out(asked))
    print(f"written to {_out(asked)}")
    return int(any(row.met is False for row in rows))


def _played(all_of_them: list[Contest], asked: argparse.Namespace) -> list[Row]:
    pace = QUICK if asked.quick else FULL
    pace = replace(pace, rounds=asked.rounds or pace.rounds, seconds=asked.seconds or pace.seconds)
    rows: list[Row] = []
    for contest in all_of_them:
        if asked.only in contest.name:
            print(contest.name, flush=True)
            rows += play(contest, pace)
    return rows


def _out(asked: argparse.Namespace) -> Path:
    """A part or a quick look must not overwrite the figures of a whole run."""
    if asked.out:
        return Path(asked.out)
    return HERE / "build" / "results.json" if asked.quick or asked.only else HERE / "results.json"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Our side and others', in turn.")
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    parser.add_argument("--only", default="", metavar="NAME", help="contests named so; memory, a-million: minutes")
    parser.add_argument("--dsn", help="a PostgreSQL server where databases may be made; else one is started")
    parser.add_argument("--rounds", type=int, help=f"rounds, {FULL.rounds} unless told")
    parser.add_argument("--seconds", type=float, help=f"of every side in a round, {FULL.seconds} unless told")
    parser.add_argument("--out", help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
