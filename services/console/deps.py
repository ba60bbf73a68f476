"""What the console is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from commands.service import CommandService
from queries.asking import Ask
from services.console.links import Links


@dataclass(frozen=True, slots=True)
class Deps:
    """The questions, the state that permissions are read from, a clock in UTC, and the one-time links."""

    ask: Ask
    commands: CommandService
    clock: Callable[[], datetime]
    links: Links
