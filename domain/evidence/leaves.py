"""A leaf: an event's stored bytes, and its place in the company's log, as canonical JSON (docs/decisions/011)."""

from datetime import UTC, datetime


def leaf_of(body: bytes, at: datetime, seq: int, tenant: str) -> bytes:
    """What is hashed; `body` is put in byte for byte, `at` is when the server recorded it."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")[:-6]  # without +00:00
    place = f',"log":{{"at":"{instant}Z","seq":{seq},"tenant":"{tenant}"}}}}'
    return b'{"event":' + body + place.encode()
