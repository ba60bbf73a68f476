"""New ids: UUIDv7 (RFC 9562), which sort by the time they were made."""

from os import urandom
from time import time_ns


def uuid7() -> str:
    """A new UUIDv7 as lower-case text: 48 bits of milliseconds, 74 of chance."""
    return uuid7_at(time_ns() // 1_000_000, urandom(10))


def uuid7_at(milliseconds: int, chance: bytes) -> str:
    """The UUIDv7 of a moment (milliseconds since 1970) and ten bytes of chance."""
    bits = int.from_bytes(chance)
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 62 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
