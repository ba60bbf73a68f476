"""The projector that follows Kafka: any number of processes, each with its part of the partitions."""

from collections.abc import Iterator, Sequence
from time import monotonic

import structlog
from kafka.errors import KafkaError
from prometheus_client.core import GaugeMetricFamily, Metric

from infra.kafka.cursor import TopicChanged
from infra.kafka.settings import KafkaSettings
from infra.kafka.source import FromTopic
from infra.kafka.topic import TopicUnfit
from infra.read_store.leading import LEAD_SECONDS, lose_lead_when_silent
from infra.read_store.live import Fenced, Live, SourcesDiffer, VersionsDiffer, connect
from projections.engine import Projection
from services.projector import AGAIN_AND_AGAIN, FAILING, Follower, advice_on, figures_of
from services.sharing import Share

LONGEST_PAUSE = 10.0
LOOK_EVERY = 1.0
REFUSALS = (VersionsDiffer, SourcesDiffer, TopicChanged, TopicUnfit)

log = structlog.get_logger("projector")


class KafkaProjector(Follower):
    """Keeps read models up to date from the topic until it is stopped."""

    longest_pause = LONGEST_PAUSE

    def __init__(
        self,
        dsn: str,
        settings: KafkaSettings,
        projections: Sequence[Projection],
        *,
        lead_seconds: float = LEAD_SECONDS,
    ) -> None:
        super().__init__(dsn, projections, lead_seconds)
        self._settings = settings
        self._refused = False
        self.led = 0

    @property
    def trouble(self) -> str | None:
        """What keeps the read models from moving, as a word; None while all is well."""
        if self._refused:
            return "refused"
        return FAILING if self._in_a_row >= AGAIN_AND_AGAIN else None

    @property
    def status(self) -> str:
        """How it fares, in a word."""
        return self.trouble or ("ready" if self.led else "standing_by")

    def figures(self) -> Iterator[Metric]:
        """For Prometheus."""
        yield from figures_of(self)
        yield GaugeMetricFamily("ashiato_projector_partitions", "Partitions of the topic that it leads.", self.led)

    def _go_on(self) -> None:
        try:
            self._take_part()
        except Fenced:
            log.info("fenced off; beginning again", means="another projector or a rebuild took over")
        except REFUSALS as refusal:
            self._refused = True
            log.error("cannot follow the topic", problem=str(refusal))  # noqa: TRY400  # no trace needed
            self._stop.wait(self.longest_pause)

    def _said_of(self, error: Exception) -> dict[str, object]:
        return {**_advice_on(error)}

    def _take_part(self) -> None:
        try:
            self._share()
        finally:
            self.led = 0

    def _share(self) -> None:
        delivery = FromTopic(self._settings)
        with connect(self._dsn) as locks:
            lose_lead_when_silent(locks, self._lead_seconds)  # `share` asks every second
            share = Share(locks, delivery.partitions)
            while not self._stop.is_set():
                share.let_go()
                share.take()
                self.led = len(share.led)
                if not share.led:
                    self._came_further()
                    self._stop.wait(LOOK_EVERY)
                    continue
                log.info("leads partitions", partitions=sorted(share.led))
                partitions = sorted(share.led)
                with Live(self._dsn, self._projections, delivery=delivery, partitions=partitions) as live:
                    self._through = live.position
                    self._follow(live, share)

    def _came_further(self) -> None:
        super()._came_further()
        self._refused = False

    def _follow(self, live: Live, share: Share) -> None:
        """Until our part of the partitions is another one."""
        looked = monotonic()
        while not self._stop.is_set():
            self._step(live)
            if monotonic() - looked > LOOK_EVERY:
                looked = monotonic()
                live.retry(asked_only=True)
                if share.too_many() or share.take():
                    break
        live.flush()


def _advice_on(error: Exception) -> dict[str, str]:
    if not isinstance(error, KafkaError):
        return advice_on(error)
    means = "read models stand still; commands are not affected, and nothing is lost"
    return {"means": means, "do": "bring the brokers back (`ashiato doctor` looks at them): the rest follows by itself"}
