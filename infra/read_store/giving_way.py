"""Letting whoever writes and reads have the processor first: a replay takes what they leave.

Linux weighs the threads of a session by their niceness, and sessions, where it groups by them, by that of the group
(sched(7), "The autogroup feature"). Each process of PostgreSQL is a session of its own.
"""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_native_id
from typing import Any

from psycopg import Connection

NICER = 15
"""How much lower the priority of a replay is, as in `nice`: a thirtieth of the processor where all want it."""


def thread_gives_way() -> None:
    """This thread alone gives way to others of its session."""
    if sys.platform == "linux":
        me = get_native_id()
        os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + NICER)


def process_gives_way() -> None:
    """This process, which was started in a session of its own, gives way to everybody."""
    if sys.platform == "linux":
        thread_gives_way()
        _session_gives_way(os.getpid())


def server_gives_way(connection: Connection[Any]) -> None:
    """What works for a connection gives way, where it is a process of this machine that we may touch.

    What it would start to work beside it would not, so it starts nothing.
    """
    connection.execute("SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0")
    server = connection.info.backend_pid
    if sys.platform == "linux" and _is_here(connection, server):
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, server, NICER)
            _session_gives_way(server)


def _session_gives_way(leader: int) -> None:
    """Lower a whole session, where the system groups by sessions."""
    if os.getsid(leader) == leader:
        with suppress(OSError):  # no such file: it does not; or asked too often within a tenth of a second
            Path(f"/proc/{leader}/autogroup").write_text(str(NICER))


def _is_here(connection: Connection[Any], server: int) -> bool:
    """Whether the process of that number is the one at the other end: its title names the port of ours."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as ours:
        if ours.family in (socket.AF_INET, socket.AF_INET6):
            title = Path(f"/proc/{server}/cmdline").read_bytes()
            return title.startswith(b"postgres:") and f"({ours.getsockname()[1]})".encode() in title
    return False
