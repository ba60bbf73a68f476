"""Whether an idle connection is still there, looked at without a round trip.

Nothing is sent to a connection that asks for nothing: when there is something to read, the server has ended it, or is
gone. (It may also have told of a setting that changed; then a good connection is given up, and nothing else.)
"""

from select import POLLIN, poll
from typing import Any

from psycopg import AsyncConnection, Connection, OperationalError


def check(connection: Connection[Any]) -> None:
    """For a pool: closes a connection that is gone, and raises OperationalError; the pool makes another."""
    if not _is_quiet(connection):
        connection.close()
        raise _gone()


async def check_async(connection: AsyncConnection[Any]) -> None:
    """The same for a pool of asynchronous connections."""
    if not _is_quiet(connection):
        await connection.close()
        raise _gone()


def _is_quiet(connection: Connection[Any] | AsyncConnection[Any]) -> bool:
    if connection.closed:
        return False
    looker = poll()
    looker.register(connection.fileno(), POLLIN)
    return not looker.poll(0)


def _gone() -> OperationalError:
    return OperationalError("expected an idle connection, but the server has ended it")
