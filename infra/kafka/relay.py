"""The relay: the log goes to the topic in the order of its positions, each event at least once, none left out.

It rests on the cursor in PostgreSQL, which moves by compare-and-set after every record was acknowledged, and on what
each record says of its place. At the first failure a relay is done with: the next one goes on from the cursor, and
sends again what may be in the topic already. So may one that was held up and comes back late. Readers tell by
`ce_position` and `ce_previous` what they have seen, and what came before its turn (docs/decisions/035).
"""

from contextlib import ExitStack
from time import monotonic
from typing import Any, Self

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from psycopg import Connection

from infra.event_store.codec import command_of
from infra.kafka.cursor import Cursor, DeadLetter, TopicChanged, begin, cursor_of, move
from infra.kafka.envelope import Headers, Logged, Placed, elsewhere, headers, size_of
from infra.kafka.partitions import partition_of
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import Topic, find, find_or_make
from infra.read_store.leading import LEAD_SECONDS, lose_lead_when_silent
from infra.read_store.live import connect

COLUMNS = "position, tenant_id::text, tenant_seq, recorded_at, body, type, stream_id::text"
BATCH = f"SELECT {COLUMNS} FROM events WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608  # our constants
REST = f"SELECT {COLUMNS} FROM events WHERE position > %s AND position <= %s ORDER BY position"  # noqa: S608  # the same
END_OF_COMMAND = "SELECT last_position FROM commands WHERE tenant_id = %s AND command_id = %s"
LOCK = "SELECT pg_try_advisory_lock(hashtext('ashiato.relay'), hashtext(%s))"
POLL_EVERY = 0.2
STAND_BY = 0.5
LOOK_AT_TOPIC_EVERY = 30.0
"""Seconds after which a relay looks whether its topic is still the one it began with."""
DELIVERED_WITHIN = 30.0
"""Seconds that brokers may take to acknowledge a batch before the relay gives up, and is begun again."""

log = structlog.get_logger("relay")


class NotDelivered(Exception):
    """A record was not acknowledged: this relay is done with, and the next one goes on from the cursor."""


class Relay:
    """Sends the log to the topic, one relay at a time. After an error it must not be used any more."""

    def __init__(
        self,
        dsn: str,
        settings: KafkaSettings,
        *,
        again: bool = False,
        batch: int = 1_000,
        delivered_within: float = DELIVERED_WITHIN,
        lead_seconds: float = LEAD_SECONDS,
    ) -> None:
        self._dsn = dsn
        self._settings = settings
        self._again = again
        self._batch = batch
        self._delivered_within = delivered_within
        self._lead_seconds = lead_seconds
        self._source = settings.source.encode()
        self.cursor = Cursor(0, ())

    def __enter__(self) -> Self:
        """Wait for the one who relays now to end, then begin at the cursor. Raises TopicChanged, TopicUnfit."""
        with ExitStack() as stack:
            self._connection = stack.enter_context(connect(self._dsn))
            self._connection.execute("LISTEN ashiato_log")
            self._topic = find_or_make(self._settings)
            lose_lead_when_silent(self._connection, self._lead_seconds)
            while not _is_alone(self._connection, self._topic):
                self.wait(STAND_BY)
            self.cursor = begin(self._connection, self._topic, self._settings, again=self._again)
            self._looked = monotonic()
            self._producer = KafkaProducer(**self._config())
            stack.callback(self._close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def step(self) -> int:
        """Send the next batch and move the cursor; how many events it had.

        Raises NotDelivered, Overtaken, TopicChanged.
        """
        self._look_at_topic()
        events = self._read()
        if not events:
            return 0
        lasts = list(self.cursor.lasts)
        dead: list[DeadLetter] = []
        sent = [self._send(event, end, lasts, dead) for event, end in _with_ends(events)]
        self._deliver(sent)
        new = Cursor(events[-1].position, tuple(lasts))
        move(self._connection, self._topic, self.cursor, new, dead)
        self.cursor = new
        for one in dead:
            log.error(
                "event too large for a record",
                tenant=one.tenant,
                position=one.position,
                bytes=one.size,
                means="its record has no value; read models take it from the log, other readers must ask for it",
                do="raise ASHIATO_KAFKA_LARGEST and the topic's max.message.bytes if that happens often",
            )
        return len(events)

    def wait(self, seconds: float = POLL_EVERY) -> None:
        """Until the log has grown, or so long."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    def _look_at_topic(self) -> None:
        """A topic that is deleted and made anew meanwhile takes records as the old one did."""
        if monotonic() - self._looked < LOOK_AT_TOPIC_EVERY:
            return
        self._looked = monotonic()
        try:
            topic = find(self._settings)
        except KafkaError:  # brokers that are away say nothing of the topic: what is sent tells, when they are back
            return
        if topic is None:
            name = self._topic.name
            raise TopicChanged(f"expected the topic {name!r}, but it is gone: `ashiato relay --again` makes it anew")
        cursor_of(self._connection, topic)

    def _read(self) -> list[Logged]:
        """The next events, through the end of the last one's command."""
        cursor = self._connection.cursor(binary=True)
        rows = cursor.execute(BATCH, (self.cursor.position, self._batch), prepare=True).fetchall()
        if len(rows) == self._batch:
            last = Logged(*rows[-1])
            end = cursor.execute(END_OF_COMMAND, (last.tenant, command_of(last.body)), prepare=True).fetchone()
            if end and end[0] > last.position:
                rows += cursor.execute(REST, (last.position, end[0]), prepare=True).fetchall()
        return [Logged(*row) for row in rows]

    def _send(self, event: Logged, end: int, lasts: list[int], dead: list[DeadLetter]) -> Any:
        key = event.tenant.encode()
        partition = partition_of(event.tenant, self._topic.partitions)
        attributes: Headers = headers(event, Placed(lasts[partition], end), self._source)
        value: bytes | None = event.body
        size = size_of(attributes, key, event.body)
        if size > self._topic.largest:
            dead.append(DeadLetter(event.tenant, event.position, size))
            attributes.append(elsewhere(event.position))
            value = None
        lasts[partition] = event.position
        return self._producer.send(self._topic.name, value, key, attributes, partition)

    def _deliver(self, sent: list[Any]) -> None:
        """Every record, or none of this batch counts."""
        until = monotonic() + self._delivered_within + 5
        while not self._flushed(until):
            self._connection.execute("SELECT")  # we wait, and live
        for future in sent:
            if not future.succeeded():
                raise NotDelivered(f"expected brokers to take every record, but: {future.exception!r}")

    def _flushed(self, until: float) -> bool:
        """Whether nothing is under way any more. Raises NotDelivered when the time is over."""
        try:
            self._producer.flush(min(1.0, self._lead_seconds / 3))
        except KafkaTimeoutError as error:
            if monotonic() > until:
                raise NotDelivered("expected brokers to take a batch in time, but they did not") from error
            return False
        except KafkaError as error:
            raise NotDelivered(f"expected brokers to take a batch, but: {type(error).__name__}") from error
        return True

    def _config(self) -> dict[str, Any]:
        """Idempotent, acknowledged by all replicas in sync: kafka-python's defaults, said aloud."""
        return {
            **self._settings.client("relay"),
            "enable_idempotence": True,
            "acks": "all",
            "linger_ms": 5,
            # Brokers hold a batch to the same limit as a record.
            "batch_size": min(256 * 1024, self._topic.largest),
            # The size of a request is for the whole of it.
            "max_request_size": max(1_048_576, 2 * self._topic.largest),
            "delivery_timeout_ms": int(self._delivered_within * 1_000),
            "request_timeout_ms": min(10_000, int(self._delivered_within * 500)),
            "max_block_ms": int(self._delivered_within * 1_000),
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }

    def _close(self) -> None:
        """What is not delivered by now is not waited for."""
        try:
            self._producer.close(timeout=1.0)
        except KafkaError as error:
            log.warning("producer closed with records under way", problem=type(error).__name__)


def _with_ends(events: list[Logged]) -> list[tuple[Logged, int]]:
    """Each event with the position of the last one of its command; a command's events stand together."""
    pairs: list[tuple[Logged, int]] = []
    end, later = 0, ("", "")
    for event in reversed(events):
        command = (event.tenant, command_of(event.body))
        if command != later:
            end, later = event.position, command
        pairs.append((event, end))
    pairs.reverse()
    return pairs


def _is_alone(connection: Connection[Any], topic: Topic) -> bool:
    row = connection.execute(LOCK, (topic.name,)).fetchone()
    return bool(row and row[0])
