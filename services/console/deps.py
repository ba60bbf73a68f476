"""What the console is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from commands.service import CommandService
from infra.evidence.reading import Evidence
from infra.read_store.access_log import AccessLog
from queries.asking import Ask
from services.console.links import Links
from services.dossier import Streams
from services.feeding.feeds import Feeds


@dataclass(frozen=True, slots=True)
class Deps:
    """The questions, the state that permissions are read from, a clock in UTC, the one-time links, and the log.

    Without `access` auditors are shown nothing: each of their looks is put on record first. Without `feeds` pages
    do not refresh themselves; without `evidence` there is no page of it.
    """

    ask: Ask
    commands: CommandService
    clock: Callable[[], datetime]
    links: Links
    streams: Streams
    access: AccessLog | None = None
    feeds: Feeds | None = None
    evidence: Evidence | None = None
