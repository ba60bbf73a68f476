"""Arrays in PostgreSQL's binary form, built by joining: many times faster than element by element.

Layout: dimensions, has-null flag, element type, length, lower bound; then each element with its length in front
(PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from struct import Struct

from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, PyFormat
from psycopg.pq import Format

from infra.event_store.binary import NULL, of_boolean, of_bytes, of_instant, of_int4, of_int8, of_text, of_uuid

_HEADER = Struct("!iiIii").pack


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
        super().__init__(2950, [of_uuid(i) for i in ids])


class Bytes(Array):
    """bytea[]."""

    __slots__ = ()
    oid = 1001

    def __init__(self, values: Iterable[bytes]) -> None:
        super().__init__(17, [of_bytes(v) for v in values])


class Texts(Array):
    """text[]."""

    __slots__ = ()
    oid = 1009

    def __init__(self, values: Iterable[str]) -> None:
        super().__init__(25, [of_text(v) for v in values])


class Ints(Array):
    """int4[]."""

    __slots__ = ()
    oid = 1007

    def __init__(self, values: Iterable[int]) -> None:
        super().__init__(23, [of_int4(v) for v in values])


class Bigints(Array):
    """int8[]."""

    __slots__ = ()
    oid = 1016

    def __init__(self, values: Iterable[int]) -> None:
        super().__init__(20, [of_int8(v) for v in values])


class Booleans(Array):
    """bool[]."""

    __slots__ = ()
    oid = 1000

    def __init__(self, values: Iterable[bool]) -> None:
        super().__init__(16, [of_boolean(v) for v in values])


class Instants(Array):
    """timestamptz[]; None is null."""

    __slots__ = ()
    oid = 1185

    def __init__(self, values: Iterable[datetime | None]) -> None:
        elements = [NULL if v is None else of_instant(v) for v in values]
        super().__init__(1184, elements, NULL in elements)


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
    for kind in (Uuids, Bytes, Texts, Ints, Bigints, Booleans, Instants):
        adapters.register_dumper(kind, _dumper(kind))
