"""A tiny process between the holder and PostgreSQL, so that no end of the holder leaves a server behind.

Run by path, with the standard library alone: `python -I -S watchdog.py <log> <uid> <gid> <remove> <command …>`. Its
standard input is a pipe from the holder. When that closes, or the parent is no longer who it was, or a signal
asks, the server shuts down fast: sessions are ended, everything committed is kept.

A thread of the holder may end at any time, so the pipe decides and not the parent-death signal, which follows
the thread that forked. For the server itself, whose parent has one thread, that signal is the second net in
case this process is killed.
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

LOOK_EVERY_SECONDS = 0.5
FAST_SHUTDOWN_SECONDS = 60.0
SHUT_DOWN_STEPS = ((signal.SIGINT, FAST_SHUTDOWN_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, None))
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(log: str, uid: str, gid: str, remove: str, *command: str) -> int:
    """Start the server, say its process id on standard output, and wait for the end of either side.

    `remove` names a folder that shall not outlive the server, or is empty.
    """
    holder = os.getppid()
    waking = _wake_on_signals()
    server = _start(Path(log), int(uid), int(gid), command)
    print(server.pid, flush=True)  # noqa: T201 - the answer the holder reads
    while server.poll() is None and os.getppid() == holder:
        readable, _, _ = select.select([sys.stdin.fileno(), waking], [], [], LOOK_EVERY_SECONDS)
        if _asks_to_stop(readable, waking):
            break
    code = _shut_down(server)
    if remove:
        shutil.rmtree(remove, ignore_errors=True)
    return code


def _wake_on_signals() -> int:
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, _noted)
    return reading


def _noted(number: int, frame: FrameType | None) -> None:
    """Nothing to do: the byte in the wake-up pipe is the message."""


def _asks_to_stop(readable: list[int], waking: int) -> bool:
    if sys.stdin.fileno() in readable:
        return True  # nobody writes to this pipe: readable means closed
    return waking in readable and any(number != signal.SIGCHLD for number in os.read(waking, 64))


def _start(log: Path, uid: int, gid: int, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    as_root = os.geteuid() == 0
    log.touch(mode=0o600)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - what the holder asks
            command,
            user=uid if as_root else None,
            group=gid if as_root else None,
            extra_groups=[] if as_root else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Runs after the change of user, which would undo it.
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
        )


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _shut_down(server: subprocess.Popen[bytes]) -> int:
    for number, seconds in SHUT_DOWN_STEPS:
        if server.poll() is not None:
            break
        server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
    return server.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
