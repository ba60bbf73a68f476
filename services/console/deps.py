"""What the console is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from commands.service import CommandService
from queries.asking import Ask
from services.console.links import Links
from services.dossier import Streams


@dataclass(frozen=True, slots=True)
class Deps:
    """The questions, the state that permissions are read from, a clock in UTC, the one-time links, and the log."""

    ask: Ask
    commands: CommandService
    clock: Callable[[], datetime]
    links: Links
    streams: Streams
