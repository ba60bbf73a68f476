"""Whoever leads shows that they live; when they fall silent PostgreSQL ends their session.

A process that is killed loses its advisory locks with its connections. One that is stopped (SIGSTOP, a machine that
hangs, a debugger) keeps them, so the server must take them away (docs/decisions/047).
"""

from typing import Any

from psycopg import Connection

LEAD_SECONDS = 10.0
"""How long a leader may be silent by default."""
SILENCE = """
    SELECT set_config('idle_session_timeout', %(longest)s, false),
           set_config('idle_in_transaction_session_timeout', %(longest)s, false)
"""


def lose_lead_when_silent(connection: Connection[Any], seconds: float = LEAD_SECONDS) -> None:
    """From now on the session that holds the lock must ask something more often than this."""
    connection.execute(SILENCE, {"longest": f"{int(seconds * 1_000)}ms"})
