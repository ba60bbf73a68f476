"""A process that makes the views for process mining: told which on a line, it says on another what it wrote.

It ends with whoever asked, in whose folder it writes, and who takes away what is half made.
"""

import errno
import os
import signal
import sqlite3
import sys
from threading import Thread

import msgspec

from infra.read_store.folding import uncollected
from services.exports.bag import FULL, Payload
from services.exports.beside import DiskSaid, Files, Task, Word, tasks
from services.exports.mining import mine
from services.exports.source import Part, source


def made(task: Task) -> Word:
    """The views, or what the disk said."""
    payload = Payload(task.folder)
    part = Part(task.first, task.last, task.streams)
    try:
        with source(task.dsn, task.wanted.tenant, task.snapshot) as log, uncollected():
            mine(log, part, task.wanted, payload)
    except OSError as error:
        return _disk_said(error.errno or errno.EIO, error)
    except sqlite3.OperationalError as error:
        return _disk_said(errno.ENOSPC if "full" in str(error) else errno.EIO, error)
    return Files(payload.written)


def _disk_said(code: int, error: Exception) -> DiskSaid:
    """What is told of it is a number; the rest is logged, unless there is simply no room."""
    if code not in FULL:
        _log(error)
    return DiskSaid(code)


def _follow() -> None:
    """Wait until whoever asked is gone."""
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Make them; what nobody foresaw is logged, and the silence says it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked is interrupted, and ends us
    task = tasks.decode(sys.stdin.buffer.readline())
    Thread(target=_follow, daemon=True).start()
    try:
        word = made(task)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is logged, and the one who asked fails
        _log(error)
        os._exit(1)
    sys.stdout.buffer.write(msgspec.json.encode(word))
    sys.stdout.flush()
    os._exit(0 if isinstance(word, Files) else 1)


def _log(error: Exception) -> None:
    import structlog

    from infra.settings import Settings
    from services.logs import configure, described

    settings = Settings.from_environment()
    configure(settings.log_format, settings.log_level)
    structlog.get_logger("miner").error("views not made", **described(error))


if __name__ == "__main__":
    main()
