"""`python -m bench.one_export DSN TENANT FOLDER FORMATS`: one export, by a process that has loaded nothing else.

It tells of it as JSON: events, seconds, and the processor time of all processes that made it.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from services.exports.bundle import export
from services.exports.wanted import FORMATS, Asked, Wanted


def main(dsn: str, tenant: str, folder: str, formats: str) -> None:
    """Export, and tell of it."""
    chosen: Any = tuple(name for name in FORMATS if name in formats.split(","))
    asked = Asked("bench", "bench", datetime.now(UTC), "bench")
    started, used = perf_counter(), _used()
    made = export(dsn, Wanted(tenant, chosen), asked, Path(folder))
    told = {"events": made.events, "seconds": perf_counter() - started, "processor": _used() - used}
    print(json.dumps(told))


def _used() -> float:
    """Processor time of this process and of those it had, seconds."""
    return sum(one.ru_utime + one.ru_stime for one in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


if __name__ == "__main__":
    main(*sys.argv[1:])
