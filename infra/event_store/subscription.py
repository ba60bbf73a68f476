"""The library's subscription, made to poll: LISTEN alone can miss what was written just before it began."""

from typing import Any

from eventsourcing.postgres import PostgresSubscription
from psycopg import Connection
from psycopg.sql import SQL, Identifier

POLL_EVERY_SECONDS = 0.1


class LogSubscription(PostgresSubscription):
    """Looks whenever it is told to, and every tenth of a second in any case."""

    def _listen(self) -> None:
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(SQL("LISTEN {}").format(Identifier(self._recorder.channel_name)))
                self._look_until_stopped(connection)
        except BaseException as error:  # noqa: BLE001 - a thread's error is raised where the events are taken
            self._thread_error = self._thread_error or error
            self.stop()

    def _look_until_stopped(self, connection: Connection[Any]) -> None:
        while not self._has_been_stopped and not self._thread_error:
            self._has_been_notified.set()
            for _ in connection.notifies(timeout=POLL_EVERY_SECONDS, stop_after=1):
                pass
