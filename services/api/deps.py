"""What the API is made of: the write side, the questions, a clock and settings."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Protocol

from commands.service import CommandService
from domain.ids import TenantId
from infra.evidence.reading import Evidence
from infra.ids import uuid7
from infra.keys.master import master_of
from infra.oidc.tokens import Verified
from infra.read_store.export_jobs import Backlog
from infra.read_store.standing import Standing
from infra.settings import Settings as Environment
from queries.asking import AskOfTimes
from services.dossier import Streams
from services.exports.store import Store
from services.exports.tally import Tally

if TYPE_CHECKING:  # feeds end with a problem, and problems answer calls, which have these parts
    from services.feeding.feeds import Feeds


class WriterFigures(Protocol):
    """How the log's writer groups commands; both only grow."""

    @property
    def batches(self) -> int:
        """Transactions so far."""

    @property
    def commands(self) -> int:
        """Commands in them."""


class Following(Protocol):
    """How those who keep the read models up to date fare."""

    @property
    def events(self) -> int:
        """How many events this process's projector has read; it only grows."""

    @property
    def failures(self) -> int:
        """How often this process's projector has failed; it only grows."""

    @property
    def trouble(self) -> str | None:
        """What keeps this process's projector from moving, as a word."""

    async def standstill(self) -> Mapping[str, float]:
        """For how many seconds projections have left the next event lie, whatever process they are in."""

    async def standing(self) -> Standing:
        """Partitions, their leaders, and the streams of all companies that wait."""


class Late(Protocol):
    """Deadlines that have passed and wait to be carried out."""

    @property
    def due(self) -> int:
        """How many."""

    @property
    def seconds(self) -> float:
        """For how long the first of them has waited."""


class Schedule(Protocol):
    """How those who do what time brings fare; the first two only grow."""

    @property
    def carried_out(self) -> int:
        """Deadlines that this process's scheduler carried out."""

    @property
    def failures(self) -> int:
        """How often this process's scheduler has failed."""

    @property
    def idle_seconds(self) -> float | None:
        """How long ago this process's scheduler last went through all that was due; None when it has none."""

    async def late(self) -> Late:
        """What is due and waits, whatever process is to do it."""


class Signing(Protocol):
    """How those who sign checkpoints and take them outside fare."""

    @property
    def signed(self) -> int:
        """How many checkpoints this process has signed."""

    @property
    def failures(self) -> int:
        """How often this process has failed to sign any."""

    @property
    def misfits(self) -> int:
        """How many companies' logs did not go on from their last checkpoint, at the last look."""

    @property
    def anchored(self) -> int:
        """How many checkpoints this process has taken outside."""

    @property
    def anchor_failures(self) -> int:
        """How often this process has failed to."""

    @property
    def unanchored_seconds(self) -> float:
        """For how long the oldest checkpoint that is anchored nowhere has been signed; of all companies."""

    @property
    def open_alarms(self) -> int:
        """How many alarms about evidence wait to be closed."""


class Exporting(Protocol):
    """How those who make exports fare."""

    @property
    def did(self) -> Tally | None:
        """What this process's exporter did; None when it has none."""

    @property
    def idle_seconds(self) -> float | None:
        """How long ago this process's exporter last went through all that waits; None when it has none."""

    async def backlog(self) -> Backlog:
        """What waits, whatever process is to make it."""


class Tokens(Protocol):
    """Reads bearer tokens of an issuer; `links_by_email` says whether a verified address may link a new subject."""

    @property
    def links_by_email(self) -> bool:
        """See docs/decisions/023."""

    async def verify(self, token: str, at: datetime) -> Verified | None:
        """Whom a token speaks for; None when it opens nothing. Raises IssuerUnavailable."""


class Access(Protocol):
    """What is written down as people read."""

    async def note(self, tenant: str, member: str, what: str, asked: Mapping[str, str], at: datetime) -> None:
        """Put a read on record. Raises ReadNotWritten."""

    def used(self, tenant: str, key: str, day: date) -> None:
        """A key opened something on that day."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`most_body` in bytes; `wait_seconds` is the longest wait for read models.

    `unknown_seconds`: no answer to a wrong credential comes sooner, so that its time tells nothing.
    `webhook_hosts` may be called though they are not public.
    """

    most_body: int = 1_000_000
    open_sign_up: bool = True
    wait_seconds: float = 5.0
    unknown_seconds: float = 0.05
    operator_token: str | None = None
    webhook_hosts: Sequence[str] = field(default_factory=lambda: Environment.from_environment().webhook_hosts)


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
    Without `access` no read of an auditor is answered; without `tokens` only API keys open anything; without
    `evidence` there are no checkpoints; without `feeds` nothing is told live; without `exports` nothing is given out.
    `marks` tells what the digest of a request is kept as: as it is now, then under older keys.
    """

    commands: CommandService
    ask: AskOfTimes
    streams: Streams
    wait_for: Callable[[TenantId, int, float], Awaitable[bool]]
    positions: Callable[[], Awaitable[Mapping[str, int]]]
    clock: Callable[[], datetime] = now
    new_id: Callable[[], str] = uuid7
    writer: WriterFigures | None = None
    following: Following | None = None
    schedule: Schedule | None = None
    settings: Settings = field(default_factory=Settings)
    access: Access | None = None
    tokens: Tokens | None = None
    evidence: Evidence | None = None
    signing: Signing | None = None
    feeds: "Feeds | None" = None
    marks: Callable[[bytes], Sequence[bytes]] = field(default_factory=lambda: master_of().marks)
    exporting: Exporting | None = None
    exports: Store | None = None
