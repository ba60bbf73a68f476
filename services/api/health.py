"""Health, readiness and figures for operators. Nothing here is about a tenant."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from commands.ports import LogUnavailable
from infra.read_store.export_jobs import Backlog
from infra.read_store.standing import Standing
from services.api.answers import encode
from services.api.call import JSON, Answer, Call, Handler
from services.api.deps import Deps, Following, Late, Schedule, Signing
from services.api.endpoint import OPEN, Endpoint
from services.api.figures import Figures
from services.api.operators import is_operator, need_operator
from services.api.topic_figures import topic_figures
from services.exports import figures as export_figures
from services.feeding.figures import figures as feed_figures

MOST_LAG = 10_000
"""Events that read models may be behind while the program counts as ready."""
MOST_STANDSTILL = 60.0
"""Seconds that a read model may leave the next event lie while the program counts as ready."""
PATIENCE = 1.5
"""Seconds to wait for the database: whoever asks for the program's health does not wait for long."""
GIVE_UP = 10.0
"""Seconds after which a look that still waits is given up, and another begun."""
LOG = "log"
PARKED = "parked"
"""Some stream waits. Requests can be served all the same, and no other process would serve them better."""
READY = dict[str, Any]
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
NOT_READY = 503


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the database found."""

    positions: Mapping[str, int]
    standstill: Mapping[str, float]
    standing: Standing
    late: Late | None = None
    backlog: Backlog | None = None


class Looking:
    """Looks at the database; who asks during a look gets what that finds, so that no more than one can hang."""

    def __init__(self) -> None:
        self._under_way: asyncio.Task[Look] | None = None
        self._began = 0.0

    async def look(self, deps: Deps) -> Look:
        """Raises LogUnavailable when the database does not answer in time, psycopg's errors when it cannot."""
        look = self._begun(deps)
        # Not cancelled: psycopg would wait for a database that hangs to hear of it.
        await asyncio.wait({look}, timeout=PATIENCE)
        if not look.done():
            raise LogUnavailable(f"expected the log to answer within {PATIENCE} s, but it did not")
        return look.result()

    def _begun(self, deps: Deps) -> asyncio.Task[Look]:
        look, now = self._under_way, monotonic()
        if look is not None and not look.done():
            if now - self._began < GIVE_UP:
                return look
            look.cancel()
        self._under_way = asyncio.create_task(_look(deps))
        self._under_way.add_done_callback(_heard)
        self._began = now
        return self._under_way


def _heard(look: asyncio.Task[Look]) -> None:
    """A look that nobody waited for to its end may fail too."""
    if not look.cancelled():
        look.exception()


async def _look(deps: Deps) -> Look:
    following, schedule, exporting = deps.following, deps.schedule, deps.exporting
    return Look(
        await deps.positions(),
        await following.standstill() if following else {},
        await following.standing() if following else Standing(),
        await schedule.late() if schedule else None,
        await exporting.backlog() if exporting else None,
    )


class Scrape(Collector):
    """What one look at the program found; `look` is None when the database did not answer."""

    def __init__(self, figures: Figures, deps: Deps, look: Look | None) -> None:
        self._figures = figures
        self._writer = deps.writer
        self._following = deps.following
        self._schedule = deps.schedule
        self._feeds = deps.feeds
        self._signing = deps.signing
        self._exporting = deps.exporting
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """Requests, the writer's batches, the projector's troubles, and how far everything is."""
        yield from self._figures.collect()
        if self._writer is not None:
            yield CounterMetricFamily("ashiato_writer_batches", "Transactions of the writer.", self._writer.batches)
            yield CounterMetricFamily("ashiato_writer_commands", "Commands in them.", self._writer.commands)
        if self._following is not None:
            failures, trouble = self._following.failures, self._following.trouble
            yield CounterMetricFamily("ashiato_projector_failures", "Failures of this projector.", failures)
            yield CounterMetricFamily("ashiato_projector_events", "Events it has read.", self._following.events)
            yield GaugeMetricFamily("ashiato_projector_in_trouble", "1: it fails again and again.", bool(trouble))
        if self._schedule is not None:
            yield from _schedule(self._schedule)
        if self._signing is not None:
            yield from _signing(self._signing)
        if self._exporting is not None and self._exporting.did is not None:
            yield from export_figures.done(self._exporting.did)
        if self._feeds is not None:
            yield from feed_figures(self._feeds)
        yield GaugeMetricFamily("ashiato_log_reachable", "1: the database answered.", self._look is not None)
        if self._look is not None:
            yield from _progress(self._look)


def _schedule(schedule: Schedule) -> Iterator[Metric]:
    done, failures = schedule.carried_out, schedule.failures
    yield CounterMetricFamily("ashiato_scheduler_carried_out", "Deadlines that this scheduler carried out.", done)
    yield CounterMetricFamily("ashiato_scheduler_failures", "Failures of this scheduler.", failures)
    idle = schedule.idle_seconds
    if idle is not None:
        yield GaugeMetricFamily("ashiato_scheduler_idle_seconds", "How long ago it last looked for deadlines.", idle)


def _signing(signing: Signing) -> Iterator[Metric]:
    signed, failures, misfits = signing.signed, signing.failures, signing.misfits
    yield CounterMetricFamily("ashiato_checkpoints", "Checkpoints that this process signed.", signed)
    yield CounterMetricFamily("ashiato_checkpoint_failures", "Failures of this checkpointer.", failures)
    yield GaugeMetricFamily("ashiato_logs_not_signed", "Logs that do not go on from their checkpoint.", misfits)
    anchored, failed, unanchored = signing.anchored, signing.anchor_failures, signing.unanchored_seconds
    yield CounterMetricFamily("ashiato_anchors", "Checkpoints that this process took outside.", anchored)
    yield CounterMetricFamily("ashiato_anchor_failures", "Failures of this anchorer.", failed)
    yield GaugeMetricFamily("ashiato_unanchored_seconds", "Age of the oldest checkpoint that is nowhere.", unanchored)
    yield GaugeMetricFamily("ashiato_evidence_alarms", "Alarms about evidence that are open.", signing.open_alarms)


def _progress(look: Look) -> Iterator[Metric]:
    yield GaugeMetricFamily("ashiato_log_position", "The log's last position.", look.positions.get(LOG, 0))
    behind = GaugeMetricFamily("ashiato_projection_lag", "Events a projection is behind.", labels=("projection",))
    still = GaugeMetricFamily(
        "ashiato_projection_standstill_seconds", "How long it has left the next event lie.", labels=("projection",)
    )
    for name, lag in lags(look.positions).items():
        behind.add_metric((name,), lag)
        still.add_metric((name,), look.standstill.get(name, 0.0))
    yield from (behind, still)
    yield from _standing(look.standing)
    if look.late is not None:
        yield GaugeMetricFamily("ashiato_deadlines_due", "Deadlines that have passed and wait.", look.late.due)
        yield GaugeMetricFamily("ashiato_deadlines_late_seconds", "How long the first has waited.", look.late.seconds)
    if look.backlog is not None:
        yield from export_figures.waiting(look.backlog)


def _standing(standing: Standing) -> Iterator[Metric]:
    """No ids: whose streams wait is in `/operations/projections`."""
    waiting = Counter(stream.projection for stream in standing.parked)
    parked = GaugeMetricFamily(
        "ashiato_projection_parked_streams", "Streams that wait, for an event cannot be folded.", labels=("projection",)
    )
    epochs = GaugeMetricFamily(
        "ashiato_projection_epoch", "How often its lead changed hands.", labels=("projection", "partition")
    )
    for one in standing.partitions:
        epochs.add_metric((one.name, str(one.partition)), one.epoch)
        if one.partition == 0:
            parked.add_metric((one.name,), waiting[one.name])
    yield from (parked, epochs)
    yield from topic_figures(standing)


def lags(positions: Mapping[str, int]) -> dict[str, int]:
    """How many events each projection is behind the log."""
    head = positions.get(LOG, 0)
    return {name: max(0, head - position) for name, position in positions.items() if name != LOG}


async def alive(_: Call) -> Answer:
    """The process answers."""
    return Answer(200, b'{"status":"ok"}', [JSON])


def status(look: Look, following: Following | None) -> str:
    """Why the program is not ready, in a word; or `ready`."""
    if following is not None and following.trouble:
        return following.trouble
    if max(lags(look.positions).values(), default=0) > MOST_LAG:
        return "behind"
    if max(look.standstill.values(), default=0.0) > MOST_STANDSTILL:
        return "stalled"
    return PARKED if look.standing.parked else "ready"


def ready(looking: Looking) -> Handler:
    """A handler that says whether the log answers and the read models follow it."""

    async def handle(call: Call) -> Answer:
        look = await looking.look(call.deps)
        word = status(look, call.deps.following)
        told = {"status": word, **(_told(look, call.deps) if is_operator(call) else {})}
        return Answer(200 if word in ("ready", PARKED) else NOT_READY, encode(told), [JSON])

    return handle


def _told(look: Look, deps: Deps) -> dict[str, Any]:
    """What the operator is told beside the word."""
    schedule, signing = deps.schedule, deps.signing
    told: dict[str, Any] = {"lag": lags(look.positions)}
    if signing is not None:
        told["evidence"] = {"alarms": signing.open_alarms, "unanchored_seconds": signing.unanchored_seconds}
    if schedule is not None and look.late is not None:
        late = {"due": look.late.due, "late_seconds": look.late.seconds, "idle_seconds": schedule.idle_seconds}
        told["deadlines"] = late
    if deps.exporting is not None and look.backlog is not None:
        waits = {"waiting": look.backlog.waiting, "waiting_seconds": look.backlog.seconds}
        told["exports"] = {**waits, "idle_seconds": deps.exporting.idle_seconds}
    return told


def metrics(figures: Figures, looking: Looking) -> Handler:
    """A handler that tells Prometheus what was counted; also when the database does not answer."""

    async def handle(call: Call) -> Answer:
        need_operator(call)
        look = None
        with suppress(LogUnavailable, OperationalError, PoolTimeout):  # that is one of the figures
            look = await looking.look(call.deps)
        registry = CollectorRegistry()
        registry.register(Scrape(figures, call.deps, look))
        ProcessCollector(registry=registry)
        return Answer(200, generate_latest(registry), [(b"content-type", PLAIN.encode())])

    return handle


async def projections(call: Call) -> Answer:
    """Where the read models stand, and whose streams wait, of all companies together."""
    need_operator(call)
    following = call.deps.following
    found = await following.standing() if following else Standing()
    return Answer(200, encode(found), [JSON])


def endpoints(figures: Figures) -> tuple[Endpoint, ...]:
    """The routes for operators."""
    looking = Looking()
    return (
        Endpoint("GET", "/healthz", "alive", "The process answers.", OPEN, alive, answer=dict[str, str]),
        Endpoint(
            "GET",
            "/readyz",
            "ready",
            "The log answers, and the read models follow it; `status` says what is amiss.",
            OPEN,
            ready(looking),
            answer=READY,
        ),
        Endpoint(
            "GET",
            "/metrics",
            "metrics",
            "Figures for Prometheus: requests, times, the writer's batches, the read models' lag.",
            OPEN,
            metrics(figures, looking),
            media="text/plain",
        ),
        Endpoint(
            "GET",
            "/operations/projections",
            "operations_projections",
            "Where the read models stand, who leads which partition, and whose streams wait, of all companies.",
            OPEN,
            projections,
            answer=Standing,
        ),
    )
