"""The stored bytes of every event type and version. A released file never changes: old logs hold the same bytes."""

from pathlib import Path

from domain.events import Event
from infra.event_store.codec import encode, schema_of
from tests.golden.examples import ENVELOPE, STREAM

FOLDER = Path(__file__).parent
VERSION = 7


def path_of(event: Event) -> Path:
    """Where the bytes of an event's type and schema lie."""
    return FOLDER / f"{event.type}.v{schema_of(type(event))}.json"


def bytes_of(event: Event) -> bytes:
    """The bytes that the program would store now."""
    return encode(event, STREAM, VERSION, **ENVELOPE)
