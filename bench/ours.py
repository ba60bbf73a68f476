"""Where our side plugs in: modules `bench/ours_*.py`. Without them the references run alone.

Each name is called with the server's DSN first and gives a `Side` (see `bench/harness.py`):

    ours_steps.Steps(dsn, workload)           completing steps in process: load, decide, append
    ours_steps.Appends(dsn, callers)          one event with an expected version, through our writer
    ours_steps.BareAppend(dsn, callers)       the SQL append function alone, by `bench.plain.Calls`
    ours_http.Steps(dsn, workload)            the same over HTTP: "rate", "p50_ms", "p99_ms" and "rss_mb"
    ours_http.Nothing(dsn, connections)       an endpoint of the same server that does nothing
    ours_projection.LiveSide(dsn, names)      some read models, live; events a second
    ours_projection.RebuildSide(dsn, names)   the same read models rebuilt; events a second
    ours_rebuilding.Replay(dsn, runs)         a replay of all read models as an operator asks for it
    ours_rebuilding.Pauseless(dsn, workload, runs)    writers alone and beside a replay: "ratio", "rate"
    ours_rebuilding.Paced(dsn, workload, runs, pace)  the same at so many commands a second: "ms" as well, and others
    ours_projection.AsOf(dsn)                 questions about the past: "run_ms" and "tenant_ms"
    ours_seats.Year(dsn)                      the seat ledger of 100,000 events: "months_ms", "page_ms" and others
    ours_kafka.Client(), Relayed(dsn)         kafka-python alone; one relay, from the log to a topic
    ours_kafka.Backlog(dsn, n)                all read models from a topic, by n processes
    ours_visible.Visible(dsn, through_kafka)  from an answer to where it is shown, milliseconds
    ours_size.Size(dsn)                       bytes of log, read models and write-ahead log an event
"""

import importlib
from importlib.util import find_spec
from typing import Any, cast

from bench.harness import Side, UnavailableError


def ours(module: str, name: str, *given: Any) -> Side:
    """`name(*given)` of `bench.ours_<module>`; unavailable while that is not written."""
    where = f"bench.ours_{module}"
    if find_spec(where) is None:
        raise UnavailableError(f"there is no {where}")
    make = getattr(importlib.import_module(where), name, None)
    if make is None:
        raise UnavailableError(f"there is no {name} in {where}")
    return cast("Side", make(*given))
