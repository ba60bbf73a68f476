"""How far the log is in its topics, whichever process relays it."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from infra.read_store.standing import Standing

TELLS = (
    ("position", "Through which position the log is in the topic.", "position"),
    ("lag", "Events of the log that are not in the topic yet.", "lag"),
    ("standstill_seconds", "How long the next event has waited to be relayed.", "standstill_seconds"),
    ("too_large", "Events whose records have no value, for they are too large.", "too_large"),
    ("strangers", "Records that somebody else put into the topic.", "no_events"),
)


def topic_figures(standing: Standing) -> Iterator[Metric]:
    """A gauge for each figure, labelled by topic; none without a topic."""
    for name, about, field in TELLS if standing.topics else ():
        figure = GaugeMetricFamily(f"ashiato_topic_{name}", about, labels=("topic",))
        for topic in standing.topics:
            figure.add_metric((topic.topic,), getattr(topic, field))
        yield figure
