"""What is said between whoever wants an export made and the process that makes it: JSON, a line each."""

import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from domain.tenants.export_events import Failure
from services.exports.wanted import Asked, Wanted

PROGRAM = (sys.executable, "-m", "services.exports.making")


class Order(Struct, frozen=True):
    """What is to be made, of what and for whom: `bundle` and `part` are not there yet.

    The file becomes `<stem>.<its SHA-256>.tar`.
    """

    dsn: str
    wanted: Wanted
    asked: Asked
    bundle: Path
    part: Path
    stem: Path


class Far(Struct, frozen=True, tag="far"):
    """Events that were read, of how many."""

    done: int
    total: int


class Done(Struct, frozen=True, tag="done"):
    """The file is there."""

    sha256: str
    bytes: int
    events: int
    first: int | None
    last: int | None
    size: int
    root: str


class Failed(Struct, frozen=True, tag="failed"):
    """There is none, and trying again would not help."""

    code: Failure


Word = Far | Done | Failed
words = msgspec.json.Decoder(Word)
orders = msgspec.json.Decoder(Order, dec_hook=lambda kind, text: kind(text))
order_line = msgspec.json.Encoder(enc_hook=str).encode
