"""What the API is made of: the write side, the questions, a clock and settings."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from commands.service import CommandService
from domain.ids import TenantId
from infra.ids import uuid7
from queries.asking import Ask
from services.dossier import Streams


class WriterFigures(Protocol):
    """How the log's writer groups commands; both only grow."""

    @property
    def batches(self) -> int:
        """Transactions so far."""

    @property
    def commands(self) -> int:
        """Commands in them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`most_body` in bytes; `wait_seconds` is the longest wait for read models.

    `unknown_seconds`: no answer to a wrong credential comes sooner, so that its time tells nothing.
    """

    most_body: int = 1_000_000
    open_sign_up: bool = True
    wait_seconds: float = 5.0
    unknown_seconds: float = 0.05


def now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Deps:
    """The parts that `create_app` puts together.

    `wait_for(tenant, seq, seconds)` is true once every projection has scanned through that event of the tenant, false
    when that took longer.
    `positions()` tells the log's last position as "log", and each projection's by its name; it raises when the log
    cannot be reached.
    """

    commands: CommandService
    ask: Ask
    streams: Streams
    wait_for: Callable[[TenantId, int, float], Awaitable[bool]]
    positions: Callable[[], Awaitable[Mapping[str, int]]]
    clock: Callable[[], datetime] = now
    new_id: Callable[[], str] = uuid7
    writer: WriterFigures | None = None
    settings: Settings = field(default_factory=Settings)
