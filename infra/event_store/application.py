"""The library's application on our log, in the decider's style: load a state by its fold, append what was decided.

It is synchronous and caches nothing: for console tools. The server's commands go through commands/service.py and
its group-committing writer; both read and write the same streams through the same `append`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventsourcing.application import Application
from eventsourcing.persistence import Recording
from psycopg.conninfo import conninfo_to_dict

from commands.states import EMPTY, Kind, Known
from domain.events import Event
from infra.event_store.mapper import Recorded
from infra.ids import uuid7


@dataclass(frozen=True, slots=True)
class Because:
    """Who appends, and why. The command's id is new unless it may be sent again."""

    actor: str | None = None
    reason: str | None = None
    command: str | None = None


class LogApplication(Application[str]):
    """One tenant's streams."""

    env: ClassVar[dict[str, str]] = {
        "PERSISTENCE_MODULE": "infra.event_store.recorder:LogFactory",
        "MAPPER_TOPIC": "infra.event_store.mapper:LogMapper",
    }

    def load(self, kind: Kind, stream: str) -> Known:
        """A stream's state and version; version 0 when it is not there."""
        events = [recorded.event for recorded in self.events.get(stream) if isinstance(recorded, Recorded)]
        return Known(kind, 0, EMPTY[kind]).after(events, len(events), 0.0)

    def decide(
        self, kind: Kind, stream: str, decision: Callable[[Any], Sequence[Event]], because: Because
    ) -> Sequence[Recording[str]]:
        """Append what `decision` makes of the stream's state; nothing when it is already so.

        IntegrityError when the stream went on meanwhile, CommandRepeated when the command was carried out before.
        """
        known = self.load(kind, stream)
        command = because.command or uuid7()
        new = [
            Recorded(stream, version, event, command, command, because.actor, reason=because.reason)
            for version, event in enumerate(decision(known.state), known.version + 1)
        ]
        return self.save(*new, command_id=command, is_new_id=because.command is None) if new else []


def environment(dsn: str, tenant: str) -> dict[str, str]:
    """The library's settings for a database and a tenant of it."""
    parts = conninfo_to_dict(dsn)
    return {
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts.get("port", 5432)),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "ASHIATO_TENANT_ID": tenant,
    }
