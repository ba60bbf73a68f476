"""The library's mapper on our codec: type names of our own, canonical bytes, nothing between them and the log."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Cipher, Compressor, Mapper, StoredEvent, Transcoder

from domain.events import Event
from domain.ids import TenantId
from infra.event_store.codec import decode, encode
from infra.event_store.recorder import UnsafeSetting

_UNSAID = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the library takes for a domain event: ours, its place in its stream, and its envelope."""

    originator_id: str
    originator_version: int
    event: Event
    command: str
    correlation: str
    actor: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    occurred_at: datetime | None = None
    causation: str | None = None


class LogMapper(Mapper[str]):
    """Stored bytes to recorded events and back. The bytes are evidence: no cipher or compressor may touch them."""

    def __init__(
        self, transcoder: Transcoder, compressor: Compressor | None = None, cipher: Cipher | None = None
    ) -> None:
        if compressor is not None or cipher is not None:
            raise UnsafeSetting("expected the log's own bytes, but a cipher or a compressor is set")
        super().__init__(transcoder)

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The canonical bytes of a Recorded, under its own type name."""
        if not isinstance(domain_event, Recorded):
            raise TypeError(f"expected a Recorded, but got {type(domain_event).__name__}")
        new = domain_event
        body = encode(
            new.event,
            new.originator_id,
            new.originator_version,
            actor=new.actor,
            command=new.command,
            correlation=new.correlation,
            causation=new.causation,
            on_behalf_of=new.on_behalf_of,
            reason=new.reason,
            occurred=new.occurred_at,
        )
        return StoredEvent(UUID(new.originator_id), new.originator_version, new.event.type, body)

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        """The Recorded of stored bytes. UnknownEventType when this program does not know the type or its schema."""
        # Position, sequence and time are the log's, not the body's: the library has no place for them.
        event, meta = decode(0, TenantId(""), 0, _UNSAID, stored_event.state)
        return Recorded(
            meta.stream,
            meta.version,
            event,
            meta.command,
            meta.correlation,
            meta.actor,
            meta.on_behalf_of,
            meta.reason,
            meta.occurred_at,
            meta.causation,
        )
