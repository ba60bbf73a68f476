"""What is compared about the read side: read models live, rebuilt and as of then, Kafka, weight and memory."""

from functools import partial

from bench.harness import Contest, Measure
from bench.library_projection import LibraryProjection
from bench.ours import ours
from bench.workload import Workload
from projections.catalogue import BY_NAME

SHORT = 20
HALF_A_MILLION, MILLION = 12_500, 25_000
"""Runs that so many events come from."""
FOUR = ("progress", "tasks", "trail", "seats")
"""The read models that there were first; all that there are is another row."""
ALL = tuple(BY_NAME)
LIBRARY = "eventsourcing"


def weight(dsn: str) -> Contest:
    """What an event of a lived history weighs on disk; the same in every round, so one is enough."""
    kinds = {
        "events a command": ("events", "events_a_command"),
        "an event in the log": ("bytes", "log"),
        "an event in the log's indexes": ("bytes", "log_indexes"),
        "an event in the ledger of commands": ("bytes", "ledger"),
        "an event in all read models": ("bytes", "read_models"),
        "write-ahead log of appending an event": ("bytes", "wal_append"),
        "write-ahead log of projecting an event": ("bytes", "wal_project"),
    }
    wanted = (Measure(name, unit, "ours", figure=key, better="lower") for name, (unit, key) in kinds.items())
    return Contest("weight", {"ours": partial(ours, "size", "Size", dsn)}, tuple(wanted), once=True)


def projections(dsn: str) -> Contest:
    """Read models: live, rebuilt, and as of an instant; the first four, and all that there are."""
    four, rebuilt, every, all_rebuilt = "ours, live", "ours, rebuild", "ours, all live", "ours, all rebuilt"
    return Contest(
        "projections",
        {
            four: partial(ours, "projection", "LiveSide", dsn, FOUR),
            LIBRARY: partial(LibraryProjection, dsn),
            rebuilt: partial(ours, "projection", "RebuildSide", dsn, FOUR),
            every: partial(ours, "projection", "LiveSide", dsn, ALL),
            all_rebuilt: partial(ours, "projection", "RebuildSide", dsn, ALL),
            "ours, as of": partial(ours, "projection", "AsOf", dsn),
        },
        (
            Measure("live projection of four read models", "events/s", four, (), goal=15_000),
            Measure("live projection, four against one read model", "events/s", four, (LIBRARY,)),
            Measure("rebuild against live", "events/s", rebuilt, (four,), goal=3),
            Measure("live projection of all read models", "events/s", every, (), goal=10_000),
            Measure("rebuild of all read models", "events/s", all_rebuilt, (), goal=30_000),
            Measure("a run as of an instant", "ms", "ours, as of", (), 10, "run_ms", "lower"),
            Measure("100,000 events of a tenant as of then", "ms", "ours, as of", (), 2_000, "tenant_ms", "lower"),
        ),
    )


def a_million(dsn: str) -> Contest:
    """A replay of a million events by two workers, alone and beside writers at an even pace, a busy one and a calm one.

    And one of half a million beside writers that do all they can; its start and its end are part of what they lose.
    """
    alone, pace, calm, pauseless = "alone", "500 commands/s", "100 commands/s", "16 callers without pause"
    replay = "replay of a million events"
    beside = f"beside a {replay}"
    return Contest(
        "a-million",
        {
            alone: partial(ours, "rebuilding", "Replay", dsn, MILLION),
            pace: partial(ours, "rebuilding", "Paced", dsn, Workload(16, SHORT), MILLION, 500),
            calm: partial(ours, "rebuilding", "Paced", dsn, Workload(16, SHORT), MILLION, 100),
            pauseless: partial(ours, "rebuilding", "Pauseless", dsn, Workload(16, SHORT), HALF_A_MILLION),
        },
        (
            Measure(f"{replay}, the start of the program included", "events/s", alone, (), 30_000),
            Measure(f"{replay} beside {pace}", "events/s", pace, (), 30_000),
            Measure(f"{replay} beside {calm}", "events/s", calm, (), 30_000),
            Measure(f"{pace} {beside}, of alone", "", pace, (), 0.9, "ratio"),
            Measure(f"{calm} {beside}, of alone", "", calm, (), 0.9, "ratio"),
            Measure(f"{pauseless} beside a replay of half a million, of alone", "", pauseless, (), 0.9, "ratio"),
            Measure(f"replay of half a million events beside {pauseless}", "events/s", pauseless, ()),
            Measure(f"a command of {pace} alone, median", "ms", pace, (), None, "alone_ms", "lower"),
            Measure(f"a command of {pace} {beside}, median", "ms", pace, (), None, "ms", "lower"),
            Measure(f"a command of {pace} alone, 99th percentile", "ms", pace, (), None, "alone_p99_ms", "lower"),
            Measure(f"a command of {pace} {beside}, 99th percentile", "ms", pace, (), None, "p99_ms", "lower"),
        ),
        once=True,
    )


def seats(dsn: str) -> Contest:
    """The seat ledger of a year with 100,000 seat events."""
    year = "seat ledger of a year with 100,000 seat events"
    return Contest(
        "seats",
        {"ours": partial(ours, "seats", "Year", dsn)},
        (
            Measure(f"{year}, median", "ms", "ours", (), 50, "months_ms", "lower"),
            Measure(f"{year}, 99th percentile", "ms", "ours", (), 50, "months_p99_ms", "lower"),
            Measure("the same as of then, 99th percentile", "ms", "ours", (), 50, "then_p99_ms", "lower"),
            Measure("a page of 100 entries with their reasons", "ms", "ours", (), 50, "page_p99_ms", "lower"),
            Measure("seats held at a past instant", "ms", "ours", (), None, "instant_p99_ms", "lower"),
            Measure("live projection of seat events alone", "events/s", "ours", (), None, "live"),
        ),
    )


def kafka(dsn: str) -> Contest:
    """What kafka-python does at all, and read models that follow the topic."""
    one, two = "one process", "two processes"
    half, halves = "one process, half a core", "two processes, half a core each"
    live = "all read models from Kafka, from a backlog"
    return Contest(
        "kafka",
        {
            "kafka-python": partial(ours, "kafka", "Client"),
            "relay": partial(ours, "kafka", "Relayed", dsn),
            one: partial(ours, "kafka", "Backlog", dsn, 1),
            two: partial(ours, "kafka", "Backlog", dsn, 2),
            # PostgreSQL and the broker need a core too: where there are two, this leaves them one.
            half: partial(ours, "kafka", "Backlog", dsn, 1, 0.5),
            halves: partial(ours, "kafka", "Backlog", dsn, 2, 0.5),
        },
        (
            Measure("kafka-python alone, produce", "records/s", "kafka-python", (), None, "produce"),
            Measure("kafka-python alone, consume", "records/s", "kafka-python", (), None, "consume"),
            Measure("relay to Kafka", "events/s", "relay"),
            Measure(live, "events/s", one),
            Measure(f"{live}, two processes against one", "events/s", two, (one,), 1.5),
            Measure(f"{live}, two against one with half a core each", "events/s", halves, (half,), 1.5),
        ),
    )


def visible(dsn: str) -> Contest:
    """From a command's answer to where every read model shows it, at 500 commands a second."""
    name, direct, kafka = "acknowledged to visible, 500 commands/s", "from the log", "through Kafka"
    return Contest(
        "visible",
        {
            direct: partial(ours, "visible", "Visible", dsn, False),
            kafka: partial(ours, "visible", "Visible", dsn, True),
        },
        (
            Measure(f"{name}, median", "ms", direct, (), None, "p50_ms", "lower"),
            Measure(f"{name}, 99th percentile", "ms", direct, (), 150, "p99_ms", "lower"),
            Measure(f"{name}, through Kafka, median", "ms", kafka, (), None, "p50_ms", "lower"),
            Measure(f"{name}, through Kafka, 99th percentile", "ms", kafka, (), 500, "p99_ms", "lower"),
            Measure("commands a second meanwhile, through Kafka", "/s", kafka),
        ),
    )


def memory(dsn: str) -> Contest:
    """The whole program under load until a million events are in its log."""
    return Contest(
        "memory",
        {"ours": partial(ours, "memory", "Memory", dsn)},
        (
            Measure("memory of the whole program over a million events", "MB", "ours", (), 300, "rss_mb", "lower"),
            Measure("its growth once the caches are full", "MB", "ours", (), 30, "growth_mb", "lower"),
        ),
        once=True,
    )
