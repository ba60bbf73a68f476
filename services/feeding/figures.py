"""What an operator is told of feeds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

if TYPE_CHECKING:  # whoever describes the program's health is a part of what feeds are made of
    from services.feeding.feeds import Feeds


def figures(feeds: "Feeds") -> Iterator[Metric]:
    """How many are open, and how many were ended for a reason."""
    yield GaugeMetricFamily("ashiato_feeds_open", "Feeds that are open in this process.", feeds.open_now)
    dropped = CounterMetricFamily("ashiato_feeds_dropped", "Feeds that ended for a reason.", labels=("code",))
    for code, count in feeds.dropped.items():
        dropped.add_metric((code,), count)
    yield dropped
