"""Letting whoever writes and reads have the processor first: a replay takes what they leave.

Linux weighs the threads of a session by their niceness, and sessions, where it groups by them, by that of the group
(sched(7), "The autogroup feature"). Each process of PostgreSQL is a session of its own. Weight says how much of the
processor one has, not how soon: who wakes up waits for the slice of who runs to end, unless that one asked for longer
slices (kernel, scheduler/sched-eevdf.rst; Linux 6.12). So a replay asks for the longest.
"""

import ctypes
import os
import platform
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_native_id
from time import sleep
from typing import Any

from psycopg import Connection

NICER = 15
"""How much lower the priority of a replay is, as in `nice`: a thirtieth of the processor where all want it."""
LOWEST = 19
SLICE_NS = 100_000_000
"""The longest slice that can be asked for; those of others are a few milliseconds."""
TRIES, PAUSE = 30, 0.11
"""Seconds between tries to lower a session: the kernel refuses who asks again too soon."""
SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""The number of sched_setattr(2), for which C libraries have had no function."""


class _Attributes(ctypes.Structure):
    """What sched_setattr(2) takes (struct sched_attr, its first version)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def thread_gives_way() -> None:
    """This thread alone gives way to others of its session."""
    if sys.platform == "linux":
        _lower(get_native_id())


def process_gives_way(leader: int) -> None:
    """A process that was started in a session of its own gives way to everybody, and so will all that it starts."""
    if sys.platform == "linux":
        _lower(leader)
        _session_gives_way(leader)


def server_gives_way(connection: Connection[Any]) -> None:
    """What works for a connection gives way, where it is a process of this machine that we may touch.

    What it would start to work beside it would not, so it starts nothing.
    """
    connection.execute("SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0")
    server = connection.info.backend_pid
    if sys.platform == "linux" and _is_here(connection, server):
        with suppress(PermissionError):
            _lower(server)
            _session_gives_way(server)


def _lower(thread: int) -> None:
    """Less weight, and longer slices where they can be asked for; what cannot be is left as it is."""
    nice = min(os.getpriority(os.PRIO_PROCESS, thread) + NICER, LOWEST)
    os.setpriority(os.PRIO_PROCESS, thread, nice)
    number = SCHED_SETATTR.get(platform.machine())
    if number is not None:
        wanted = _Attributes(size=ctypes.sizeof(_Attributes), policy=os.SCHED_OTHER, nice=nice, runtime=SLICE_NS)
        ctypes.CDLL(None).syscall(ctypes.c_long(number), ctypes.c_long(thread), ctypes.byref(wanted), ctypes.c_long(0))


def _session_gives_way(leader: int) -> None:
    """Lower a whole session, where the system groups by sessions."""
    if os.getsid(leader) != leader:
        return
    for _ in range(TRIES):
        try:
            Path(f"/proc/{leader}/autogroup").write_text(str(NICER))
        except BlockingIOError:
            sleep(PAUSE)  # one in a tenth of a second, on all of the machine, is all that most accounts may ask for
        except OSError:  # it does not, or it is not ours to say
            return
        else:
            return


def _is_here(connection: Connection[Any], server: int) -> bool:
    """Whether the process of that number is the one at the other end: its title names the port of ours."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as ours:
        if ours.family in (socket.AF_INET, socket.AF_INET6):
            title = Path(f"/proc/{server}/cmdline").read_bytes()
            return title.startswith(b"postgres:") and f"({ours.getsockname()[1]})".encode() in title
    return False
