"""The library's application on our log, in the decider's style: load a state by its fold, append what was decided.

It is synchronous and caches nothing: for console tools. The server's commands go through commands/service.py and
its group-committing writer; both read and write the same streams through the same `append`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Recording
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from commands.states import EMPTY, Kind, Known
from domain.events import Event
from infra.event_store.mapper import Recorded
from infra.ids import uuid7
from infra.keys.tools import ToolKeys
from infra.roles import ROLES, as_role


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
        found = [recorded for recorded in self.events.get(stream) if isinstance(recorded, Recorded)]
        with self._keys() as keys:
            keys.open(stream, [(recorded.event, recorded.originator_version) for recorded in found])
        events = [recorded.event for recorded in found]
        return Known(kind, 0, EMPTY[kind]).after(events, len(events), 0.0)

    def decide(
        self, kind: Kind, stream: str, decision: Callable[[Any], Sequence[Event]], because: Because
    ) -> Sequence[Recording[str]]:
        """Append what `decision` makes of the stream's state; nothing when it is already so.

        IntegrityError when the stream went on meanwhile, CommandRepeated when the command was carried out before.
        """
        known = self.load(kind, stream)
        command = because.command or uuid7()
        decided = decision(known.state)
        with self._keys() as keys:
            sealed = [keys.sealed(event, stream, version) for version, event in enumerate(decided, known.version + 1)]
        new = [
            Recorded(stream, version, event, command, command, because.actor, reason=because.reason)
            for version, event in enumerate(sealed, known.version + 1)
        ]
        return self.save(*new, command_id=command, is_new_id=because.command is None) if new else []

    @contextmanager
    def _keys(self) -> Iterator[ToolKeys]:
        """What seals and opens the tenant's events, over a connection of its own."""
        env = self.factory.env
        dsn = make_conninfo(
            dbname=env["POSTGRES_DBNAME"],
            host=env["POSTGRES_HOST"],
            port=env["POSTGRES_PORT"],
            user=env["POSTGRES_USER"],
            password=env["POSTGRES_PASSWORD"],
        )
        with psycopg.connect(as_role(dsn, ROLES.application), autocommit=True) as connection:
            yield ToolKeys(connection, env["ASHIATO_TENANT_ID"])


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
