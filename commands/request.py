"""A command's envelope: who asks, for whom, when and why; and the receipt that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.events import Event
from domain.ids import CommandId, MemberId, TenantId
from domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Request:
    """What surrounds a command. `at` is the edge's clock; `request_hash` tells a repeated key from a reused one;
    `earlier_hashes` are what it may have been kept as by an older program, or under an older key.

    `repeatable` says that the caller chose the command id and may send it again. `expected_version` is the
    version of the written stream that the caller saw (If-Match). On a simulated clock `simulated` makes `at`
    the recorded time.
    """

    tenant: TenantId
    command: CommandId
    at: datetime
    actor: MemberId | None = None
    key: str | None = None
    on_behalf_of: MemberId | None = None
    reason: str | None = None
    occurred_at: datetime | None = None
    request_hash: bytes = b""
    repeatable: bool = False
    expected_version: int | None = None
    correlation: str | None = None
    causation: str | None = None
    simulated: bool = False
    earlier_hashes: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A command's answer: the stream it wrote, the version now, and the tenant's sequence to wait for.

    `position` is the log's, 0 when nothing was appended: it counts what all tenants do, so no tenant may see it.
    `events` is how many it appended: 0 when it was already so, or was answered before (`repeated`).
    """

    command: CommandId
    stream: str
    version: int
    position: int
    seq: int
    events: int
    repeated: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a command would come to: the events on a state, none when it is already so; or the refusal."""

    state: Any
    events: Sequence[Event]
    refusal: Refusal | None = None


class StaleVersion(Refusal):
    """The stream went on since the caller looked."""

    code = "stale_version"


class IdempotencyKeyReused(Refusal):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    kind = "invalid"


class Contention(Refusal):
    """Others kept changing the same streams; nothing was changed, trying again is safe."""

    code = "contention"


class KeyRevoked(Refusal):
    """The credential opens nothing any more."""

    code = "key_revoked"
    kind = "forbidden"


class FirstRefusal(Refusal):
    """A repeated command that was refused on record the first time: the first answer again."""

    code = "refused_before"
