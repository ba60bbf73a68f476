"""Health, readiness and figures for operators. Nothing here is about a tenant."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.api.answers import encode
from services.api.call import JSON, Answer, Call, Handler
from services.api.deps import WriterFigures
from services.api.endpoint import OPEN, Endpoint
from services.api.figures import Figures

MOST_LAG = 10_000
"""Events that read models may be behind while the program counts as ready."""
LOG = "log"
READY = dict[str, Any]
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
NOT_READY = 503


class Scrape(Collector):
    """What one look at the program found."""

    def __init__(self, figures: Figures, writer: WriterFigures | None, positions: Mapping[str, int]) -> None:
        self._figures = figures
        self._writer = writer
        self._positions = positions

    def collect(self) -> Iterator[Metric]:
        """Requests, the writer's batches, and how far everything is."""
        yield from self._figures.collect()
        if self._writer is not None:
            yield CounterMetricFamily("ashiato_writer_batches", "Transactions of the writer.", self._writer.batches)
            yield CounterMetricFamily("ashiato_writer_commands", "Commands in them.", self._writer.commands)
        yield GaugeMetricFamily("ashiato_log_position", "The log's last position.", self._positions.get(LOG, 0))
        behind = GaugeMetricFamily("ashiato_projection_lag", "Events a projection is behind.", labels=("projection",))
        for name, lag in lags(self._positions).items():
            behind.add_metric((name,), lag)
        yield behind


def lags(positions: Mapping[str, int]) -> dict[str, int]:
    """How many events each projection is behind the log."""
    head = positions.get(LOG, 0)
    return {name: max(0, head - position) for name, position in positions.items() if name != LOG}


async def alive(_: Call) -> Answer:
    """The process answers."""
    return Answer(200, b'{"status":"ok"}', [JSON])


async def ready(call: Call) -> Answer:
    """The log answers, and read models are not far behind it. Raises when the log cannot be reached."""
    behind = lags(await call.deps.positions())
    is_ready = max(behind.values(), default=0) <= MOST_LAG
    body = encode({"status": "ready" if is_ready else "behind", "lag": behind})
    return Answer(200 if is_ready else NOT_READY, body, [JSON])


def metrics(figures: Figures) -> Handler:
    """A handler that tells Prometheus what was counted."""

    async def handle(call: Call) -> Answer:
        registry = CollectorRegistry()
        registry.register(Scrape(figures, call.deps.writer, await call.deps.positions()))
        ProcessCollector(registry=registry)
        return Answer(200, generate_latest(registry), [(b"content-type", PLAIN.encode())])

    return handle


def endpoints(figures: Figures) -> tuple[Endpoint, ...]:
    """The routes for operators."""
    return (
        Endpoint("GET", "/healthz", "alive", "The process answers.", OPEN, alive, answer=dict[str, str]),
        Endpoint("GET", "/readyz", "ready", "The log answers, and it is not far ahead.", OPEN, ready, answer=READY),
        Endpoint(
            "GET",
            "/metrics",
            "metrics",
            "Figures for Prometheus: requests, times, the writer's batches, the read models' lag.",
            OPEN,
            metrics(figures),
            media="text/plain",
        ),
    )
