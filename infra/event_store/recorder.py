"""The eventsourcing library's recorder on our log: its events go through `append` like everyone else's.

A recorder is bound to one tenant. The library's notification ids are the tenant's own dense sequence, so it can
neither see nor count what other tenants do.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    InterfaceError,
    Notification,
    OperationalError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import retry

from infra.event_store.one_append import APPEND, OneAppend
from infra.event_store.subscription import LogSubscription
from infra.roles import ROLES

NO_TENANT = "00000000-0000-0000-0000-000000000000"
CHANNEL = "ashiato_log"
BEFORE_ALL, LAST_VERSION, LAST_SEQ = -1, 2**31 - 1, 2**63 - 1

STREAM = """
    SELECT stream_id, version, type, body FROM events
    WHERE tenant_id = %s AND stream_id = %s AND version > %s AND version <= %s
    ORDER BY version LIMIT %s
"""
STREAM_BACKWARDS = """
    SELECT stream_id, version, type, body FROM events
    WHERE tenant_id = %s AND stream_id = %s AND version > %s AND version <= %s
    ORDER BY version DESC LIMIT %s
"""
NOTIFICATIONS = """
    SELECT tenant_seq, stream_id, version, type, body FROM events
    WHERE tenant_id = %(tenant)s AND tenant_seq > %(after)s AND tenant_seq <= %(stop)s
      AND (%(topics)s::text[] IS NULL OR type = ANY (%(topics)s::text[]))
    ORDER BY tenant_seq LIMIT %(limit)s
"""
# For the statement that goes along in the same transaction: who asks, and for which tenant.
AS_APPLICATION = "SELECT set_config('role', %s, true), set_config('ashiato.tenant', %s, true)"
HIGHEST = "SELECT max(tenant_seq) FROM events WHERE tenant_id = %s"

try_again = retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)


class UnsafeSetting(ValueError):
    """A setting of the library that would lose events, or change their bytes."""


class CommandRepeated(IntegrityError):
    """The command's id is in the ledger already: its first answer stands."""


class LogRecorder(PostgresApplicationRecorder):
    """Records one tenant's events in the log."""

    tenant: ClassVar[str] = NO_TENANT

    def __init__(
        self, datastore: PostgresDatastore, *, events_table_name: str = "events", tenant: str | None = None
    ) -> None:
        if datastore.enable_db_functions:
            raise UnsafeSetting(
                "expected POSTGRES_ENABLE_DB_FUNCTIONS to be off, but it is on: "
                "without the lock it omits, readers miss events"
            )
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = CHANNEL
        self._tenant = UUID(tenant or type(self).tenant)

    def create_table(self) -> None:
        """Nothing: migrations own the tables."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append all or nothing; returns the tenant's sequence numbers. IntegrityError when a stream went on.

        `command_id`, `request_hash` and `result` go to the ledger, and CommandRepeated tells that it had the id;
        `seen` holds other streams that were looked at, and the version that must still be theirs.
        """
        if kwargs.pop("tracking", None) is not None:
            raise UnsafeSetting("expected events only, but got a tracking row, which the log can't hold")
        if not stored_events:
            return []
        one = OneAppend.of(self._tenant, stored_events, **kwargs)
        last = self._append(one)
        return list(range(last - one.events + 1, last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The tenant's events of a stream after version `gt` and up to `lte`."""
        after = BEFORE_ALL if gt is None else gt
        until = LAST_VERSION if lte is None else lte
        parameters = (self._tenant, originator_id, after, until, limit)
        rows = self._rows(STREAM_BACKWARDS if desc else STREAM, parameters)
        return [StoredEvent(r["stream_id"], r["version"], r["type"], bytes(r["body"])) for r in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The tenant's events in order, from sequence number `start` to `stop`."""
        parameters = {
            "tenant": self._tenant,
            "after": BEFORE_ALL if start is None else start - inclusive_of_start,
            "stop": LAST_SEQ if stop is None else stop,
            "topics": list(topics) or None,
            "limit": limit,
        }
        return [
            Notification(r["stream_id"], r["version"], r["type"], bytes(r["body"]), r["tenant_seq"])
            for r in self._rows(NOTIFICATIONS, parameters)
        ]

    def max_notification_id(self) -> int | None:
        """The tenant's last sequence number; None when it has no events."""
        last: int | None = self._rows(HIGHEST, (self._tenant,))[0]["max"]
        return last

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """The tenant's events after `gt`, now and in future."""
        return LogSubscription(recorder=self, gt=gt, topics=topics)

    def _append(self, one: OneAppend) -> int:
        """The last sequence number. A connection lost in COMMIT is no riddle: the second try finds the ledger."""
        row = self._rows(APPEND, one.parameters)[0]
        if row["verdict"] == "conflict":
            raise IntegrityError("expected the streams at the versions that were seen, but they went on")
        if row["verdict"] == "duplicate" and one.named:
            raise CommandRepeated("expected a new command id, but the ledger has it")
        last: int = row["last_seq"]
        return last

    @try_again
    def _rows(self, statement: str, parameters: Any) -> list[dict[str, Any]]:
        with self.datastore.get_connection() as connection, connection.pipeline():
            connection.execute(AS_APPLICATION, (ROLES.application, str(self._tenant)), prepare=True)
            return connection.execute(statement, parameters, prepare=True).fetchall()


class LogFactory(PostgresFactory):
    """Makes recorders of the tenant that ASHIATO_TENANT_ID names. PERSISTENCE_MODULE is this class's topic."""

    TENANT = "ASHIATO_TENANT_ID"
    application_recorder_class = LogRecorder

    def application_recorder(self) -> ApplicationRecorder:
        """The tenant's recorder; it makes no tables."""
        return LogRecorder(self.datastore, tenant=self.env.get(self.TENANT))
