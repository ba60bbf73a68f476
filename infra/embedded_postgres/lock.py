"""One holder for each data folder."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from infra.embedded_postgres.errors import FolderInUse

# A holder that was killed leaves a server that is just shutting down.
WAIT_FOR_THE_DEAD_SECONDS = 75.0
LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class FolderLock:
    """An open, locked file; the watchdog inherits it, so it is free only when the server is gone too."""

    file: BinaryIO

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Lock the folder; wait for the server of a dead holder, refuse at once if the holder lives."""
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b")
        try:
            _wait_for_it(descriptor, folder)
        except BaseException:
            file.close()
            raise
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(file)

    @property
    def descriptor(self) -> int:
        """What a child inherits to share the lock."""
        return self.file.fileno()

    def release(self) -> None:
        """Let go; harmless when already done."""
        if not self.file.closed:
            self.file.close()


def _wait_for_it(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + WAIT_FOR_THE_DEAD_SECONDS
    while not _try(descriptor):
        holder = os.pread(descriptor, 32, 0).decode().strip()
        if _holder_lives(holder) or time.monotonic() > deadline:
            raise FolderInUse(
                f"expected the data folder {folder} to be free, but process {holder or '?'} runs its "
                "PostgreSQL; stop that process, or choose another folder"
            )
        time.sleep(LOOK_EVERY_SECONDS)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder_lives(holder: str) -> bool:
    # Without a number it locked and did not write yet: look again.
    return holder.isdigit() and lives(int(holder))


def lives(pid: int) -> bool:
    """Whether there is such a process, whoever runs it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
