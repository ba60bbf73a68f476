"""What is compared with what, and the goals: commands, and the list of all."""

from collections.abc import Callable
from functools import partial

from bench.emmett_reference import Emmett
from bench.fastapi_nothing import FastApiNothing
from bench.harness import Contest, Measure, Side
from bench.library_http import LibraryHttp
from bench.library_reference import LibrarySteps
from bench.ours import ours
from bench.plain import PlainAsync, PlainSync
from bench.read_contests import (
    LIBRARY,
    SHORT,
    a_million,
    kafka,
    memory,
    projections,
    seats,
    visible,
    weight,
)
from bench.workload import Workload

Sides = dict[str, Callable[[], Side]]

LONG = 200
CACHED = "eventsourcing, its cache on"
PLAIN = ("a plain transaction, psycopg", "a plain transaction, async psycopg")


def contests(dsn: str) -> list[Contest]:
    """All of them, on one server."""
    steps = [steps_in_process(dsn, callers) for callers in (1, 16, 128)]
    http = [steps_over_http(dsn, connections) for connections in (16, 64)]
    more = [seats(dsn), weight(dsn), kafka(dsn), visible(dsn)]
    return [*steps, appends(dsn), *http, projections(dsn), *more]


def long_contests(dsn: str) -> list[Contest]:
    """Those of many minutes: played only when asked for by name, once."""
    return [memory(dsn), a_million(dsn)]


def steps_in_process(dsn: str, callers: int) -> Contest:
    """Load, decide, append, with short and long histories; the floor is what PostgreSQL allows."""
    sides: Sides = {}
    for history in (SHORT, LONG):
        load = Workload(callers, history)
        sides[_with("ours", history)] = partial(ours, "steps", "Steps", dsn, load)
        sides[_with(LIBRARY, history)] = partial(LibrarySteps, dsn, load)
        sides[_with(CACHED, history)] = partial(LibrarySteps, dsn, load, cached=True)
    extra, floor = _alone(dsn) if callers == 1 else _together(dsn, callers)
    return Contest(f"steps-{callers}", sides | extra, (*_against_library(callers), *floor))


def appends(dsn: str) -> Contest:
    """One event with an expected version, 16 at once: the writers alone; and the whole command of a peer."""
    load = Workload(16, SHORT)
    return Contest(
        "peers-16",
        {
            "ours, append": partial(ours, "steps", "Appends", dsn, load.callers),
            "Emmett, append": partial(Emmett, dsn, load, "append"),
            "ours, step": partial(ours, "steps", "Steps", dsn, load),
            "Emmett, step": partial(Emmett, dsn, load, "command"),
        },
        (
            Measure("append one event, 16 callers, against Emmett", "/s", "ours, append", ("Emmett, append",)),
            Measure(f"{_named(16, SHORT)}, against Emmett", "/s", "ours, step", ("Emmett, step",)),
        ),
    )


def steps_over_http(dsn: str, connections: int) -> Contest:
    """The same commands as requests to one server process."""
    load = Workload(connections, SHORT)
    what, library = f"complete a step over HTTP, {connections} connections", (LIBRARY, CACHED)
    return Contest(
        f"http-{connections}",
        {
            "ours": partial(ours, "http", "Steps", dsn, load),
            LIBRARY: partial(LibraryHttp, dsn, load),
            CACHED: partial(LibraryHttp, dsn, load, cached=True),
            "doing nothing": partial(ours, "http", "Nothing", dsn, connections),
            "FastAPI doing nothing": partial(FastApiNothing, connections),
        },
        (
            Measure(what, "/s", "ours", (LIBRARY,), goal=7),
            Measure(f"{what}, its cache on", "/s", "ours", (CACHED,)),
            Measure(f"{what}, median", "ms", "ours", library, figure="p50_ms", better="lower"),
            Measure(f"{what}, 99th percentile", "ms", "ours", library, figure="p99_ms", better="lower"),
            Measure(f"{what}, of an idle endpoint", "/s", "ours", ("doing nothing",), goal=0.7),
            Measure(f"{what}, of FastAPI's idle", "/s", "ours", ("FastAPI doing nothing",)),
            Measure(f"memory of the server, {connections} connections", "MB", "ours", (), None, "rss_mb", "lower"),
        ),
    )


def _with(side: str, history: int) -> str:
    return f"{side}, {history} events"


def _named(callers: int, history: int) -> str:
    return f"complete a step, {history} events, {callers} caller{'s' * (callers > 1)}"


def _against_library(callers: int) -> tuple[Measure, ...]:
    """The goals are for many callers; a lone one waits for the disk, whoever it asks."""
    short, long = _with("ours", SHORT), _with("ours", LONG)
    many = callers > 1
    return (
        Measure(_named(callers, SHORT), "/s", short, (_with(LIBRARY, SHORT),), 8 if many else None),
        Measure(f"{_named(callers, SHORT)}, its cache on", "/s", short, (_with(CACHED, SHORT),)),
        Measure(_named(callers, LONG), "/s", long, (_with(LIBRARY, LONG),), 20 if many else None),
        Measure(f"{_named(callers, LONG)}, its cache on", "/s", long, (_with(CACHED, LONG),)),
        Measure(f"{_named(callers, LONG)}, of 20 events", "/s", long, (short,), 0.8 if many else None),
    )


def _alone(dsn: str) -> tuple[Sides, tuple[Measure, ...]]:
    sides: Sides = {PLAIN[0]: partial(PlainSync, dsn), PLAIN[1]: partial(PlainAsync, dsn)}
    return sides, (Measure(f"{_named(1, SHORT)}, of a transaction", "/s", _with("ours", SHORT), PLAIN, 0.9),)


def _together(dsn: str, callers: int) -> tuple[Sides, tuple[Measure, ...]]:
    name = "the append function alone"
    sides: Sides = {name: partial(ours, "steps", "BareAppend", dsn, callers)}
    return sides, (Measure(f"{_named(callers, SHORT)}, of {name}", "/s", _with("ours", SHORT), (name,), 0.5),)
