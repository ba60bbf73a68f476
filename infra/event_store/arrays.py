"""Values in PostgreSQL's binary form. Arrays are built by joining: many times faster than element by element.

Layout: dimensions, has-null flag, element type, length, lower bound; then each element with its length in front
(PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct

from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, PyFormat
from psycopg.pq import Format

_HEADER = Struct("!iiIii").pack
_LENGTH = Struct("!i").pack
_INT4 = Struct("!ii").pack
_INT8 = Struct("!iq").pack
_NULL = _LENGTH(-1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Array:
    """One binary array, ready to be sent."""

    __slots__ = ("data",)
    oid = 0

    def __init__(self, element_oid: int, elements: Sequence[bytes], nulls: bool = False) -> None:
        shape = (1, nulls, element_oid, len(elements), 1)
        header = _HEADER(*shape) if elements else _HEADER(0, 0, element_oid, 0, 0)[:12]
        self.data = header + b"".join(elements)


class Uuids(Array):
    """uuid[] from lower-case text."""

    __slots__ = ()
    oid = 2951

    def __init__(self, ids: Iterable[str]) -> None:
        super().__init__(2950, [b"\0\0\0\x10" + bytes.fromhex(i.replace("-", "")) for i in ids])


class Bytes(Array):
    """bytea[]."""

    __slots__ = ()
    oid = 1001

    def __init__(self, values: Iterable[bytes]) -> None:
        super().__init__(17, [_LENGTH(len(v)) + v for v in values])


class Texts(Array):
    """text[] of ASCII."""

    __slots__ = ()
    oid = 1009

    def __init__(self, values: Iterable[str]) -> None:
        super().__init__(25, [_LENGTH(len(v)) + v.encode("ascii") for v in values])


class Ints(Array):
    """int4[]."""

    __slots__ = ()
    oid = 1007

    def __init__(self, values: Iterable[int]) -> None:
        super().__init__(23, [_INT4(4, v) for v in values])


class Booleans(Array):
    """bool[]."""

    __slots__ = ()
    oid = 1000

    def __init__(self, values: Iterable[bool]) -> None:
        super().__init__(16, [b"\0\0\0\x01\x01" if v else b"\0\0\0\x01\x00" for v in values])


class Instants(Array):
    """timestamptz[], microseconds since 2000; None is null."""

    __slots__ = ()
    oid = 1185

    def __init__(self, values: Iterable[datetime | None]) -> None:
        elements = [_NULL if v is None else _INT8(8, _microseconds(v)) for v in values]
        super().__init__(1184, elements, _NULL in elements)


def integer_from(raw: bytes | None) -> int:
    """An integer of any width from its binary form; 0 for null."""
    return int.from_bytes(raw or b"", signed=True)


def instant_from(raw: bytes | None) -> datetime | None:
    """A timestamptz from its binary form, in UTC."""
    return None if raw is None else _EPOCH + timedelta(microseconds=integer_from(raw))


def _microseconds(at: datetime) -> int:
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _dumper(kind: type[Array]) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = kind.oid

        def dump(self, obj: Array) -> Buffer:
            return obj.data

        def get_key(self, obj: Array, format: PyFormat) -> type:  # noqa: A002  # psycopg's name for it
            return kind

    return ArrayDumper


def register(adapters: AdaptersMap) -> None:
    """Teach a connection these arrays."""
    for kind in (Uuids, Bytes, Texts, Ints, Booleans, Instants):
        adapters.register_dumper(kind, _dumper(kind))
