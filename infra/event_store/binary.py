"""Values in PostgreSQL's binary form, each with its length in front: elements of arrays, and fields of COPY.

An integer has its width, an instant counts microseconds and a day days since 2000, a uuid is its 16 bytes
(PostgreSQL, src/backend/utils/adt, the *_send functions).
"""

from datetime import UTC, date, datetime, timedelta
from struct import Struct

_LENGTH = Struct("!i").pack
_INT4 = Struct("!ii").pack
_INT8 = Struct("!iq").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1).toordinal()

NULL = _LENGTH(-1)


def of_bytes(value: bytes) -> bytes:
    """bytea, and whatever else is sent as it is."""
    return _LENGTH(len(value)) + value


def of_text(value: str) -> bytes:
    """Text."""
    return of_bytes(value.encode())


def of_uuid(value: str) -> bytes:
    """uuid, from its lower-case text."""
    return b"\0\0\0\x10" + bytes.fromhex(value.replace("-", ""))


def of_int4(value: int) -> bytes:
    """Integer."""
    return _INT4(4, value)


def of_int8(value: int) -> bytes:
    """Bigint."""
    return _INT8(8, value)


def of_boolean(value: bool) -> bytes:
    """Boolean."""
    return b"\0\0\0\x01\x01" if value else b"\0\0\0\x01\x00"


def of_date(value: date) -> bytes:
    """Date."""
    return _INT4(4, value.toordinal() - _FIRST_DAY)


def of_instant(value: datetime) -> bytes:
    """Timestamptz."""
    since = value - _EPOCH
    return _INT8(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def integer_from(raw: bytes | None) -> int:
    """An integer of any width; 0 for null."""
    return int.from_bytes(raw or b"", signed=True)


def instant_from(raw: bytes | None) -> datetime | None:
    """A timestamptz, in UTC."""
    return None if raw is None else _EPOCH + timedelta(microseconds=integer_from(raw))
