"""Figures of exports for operators: what this process made, and what waits in all of them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from infra.read_store.export_jobs import Backlog
from services.exports.tally import Tally


def done(did: Tally) -> Iterator[Metric]:
    """What this process's exporter did since it began."""
    ended = CounterMetricFamily("ashiato_exports", "Exports that this exporter ended, by how.", labels=("outcome",))
    for how in ("made", "failed", "cancelled", "expired"):
        ended.add_metric((how,), getattr(did, how))
    yield ended
    yield CounterMetricFamily("ashiato_export_bytes", "Bytes of the archives that it made.", did.bytes)
    yield CounterMetricFamily("ashiato_export_events", "Events in them.", did.events)
    yield CounterMetricFamily("ashiato_export_seconds", "How long making them took.", did.seconds)
    yield CounterMetricFamily("ashiato_exporter_failures", "Failures of this exporter.", did.failures)


def waiting(backlog: Backlog) -> Iterator[Metric]:
    """What all companies asked for and is not made."""
    yield GaugeMetricFamily("ashiato_exports_waiting", "Exports that are asked for and not made.", backlog.waiting)
    yield GaugeMetricFamily("ashiato_exports_waiting_seconds", "How long the first has waited.", backlog.seconds)
