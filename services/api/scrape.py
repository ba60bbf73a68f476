"""What Prometheus is told of the program, from one look at it. Nothing here is about a tenant."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infra.read_store.standing import Standing
from services.api.deps import Deps, Schedule, Signing
from services.api.figures import Figures
from services.api.looking import LOG, Look, lags
from services.api.topic_figures import topic_figures
from services.exports import figures as export_figures
from services.feeding.figures import figures as feed_figures
from services.projector import figures_of


class Scrape(Collector):
    """What one look at the program found; `look` is None when the database did not answer."""

    def __init__(self, figures: Figures, deps: Deps, look: Look | None) -> None:
        self._figures = figures
        self._deps = deps
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """Requests, the writer's batches, the projector's troubles, and how far everything is."""
        deps = self._deps
        yield from self._figures.collect()
        if deps.writer is not None:
            yield CounterMetricFamily("ashiato_writer_batches", "Transactions of the writer.", deps.writer.batches)
            yield CounterMetricFamily("ashiato_writer_commands", "Commands in them.", deps.writer.commands)
        if deps.following is not None:
            yield from figures_of(deps.following)
        if deps.schedule is not None:
            yield from _schedule(deps.schedule)
        if deps.signing is not None:
            yield from _signing(deps.signing)
        if deps.exporting is not None and deps.exporting.did is not None:
            yield from export_figures.done(deps.exporting.did)
        if deps.feeds is not None:
            yield from feed_figures(deps.feeds)
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
