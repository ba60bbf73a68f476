"""Having the views for process mining made beside the rest: by a process of its own, of the log at the same moment.

It ends with the block, and with this process, whatever ends that; what it has begun is in this one's folder.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen

import msgspec
from msgspec import Struct

from infra.own_programs import environment
from services.exports.bag import Written
from services.exports.wanted import Wanted

PROGRAM = (sys.executable, "-m", "services.exports.miner")


class ViewsNotMade(Exception):
    """That process ended without a word."""


class Task(Struct, frozen=True):
    """Which views of which events, as a snapshot that the asking transaction holds shows them; into which folder."""

    dsn: str
    snapshot: str
    wanted: Wanted
    first: int
    last: int
    streams: Sequence[str] | None
    folder: Path


class Files(Struct, frozen=True, tag="files"):
    """What is there now."""

    written: dict[str, Written]


class DiskSaid(Struct, frozen=True, tag="disk_said"):
    """What went wrong there, as errno has it."""

    code: int


Word = Files | DiskSaid
tasks = msgspec.json.Decoder(Task, dec_hook=lambda kind, text: kind(text))
task_line = msgspec.json.Encoder(enc_hook=str).encode
words = msgspec.json.Decoder(Word)


class Beside:
    """The process."""

    def __init__(self, process: "Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._folder = folder

    def look(self) -> None:
        """Raise what ended it before its time, as `written` does."""
        if self._process.poll():
            self.written()

    def written(self) -> dict[str, Written]:
        """What it wrote, once it has ended. Raises OSError for what the disk said, and ViewsNotMade."""
        said = self._process.stdout.read() if self._process.stdout else b""
        if not said:
            raise ViewsNotMade(f"expected views, but what makes them ended with {self._process.wait()}")
        word: Word = words.decode(said)
        if isinstance(word, DiskSaid):
            raise OSError(word.code, os.strerror(word.code), str(self._folder))
        return word.written


@contextmanager
def beside(task: Task) -> Iterator[Beside]:
    """A process that makes the views."""
    with Popen(PROGRAM, stdin=PIPE, stdout=PIPE, env=environment(), bufsize=0) as process:  # noqa: S603  # our own program
        try:
            _tell(process, task_line(task) + b"\n")
            yield Beside(process, task.folder)
        finally:
            process.kill()


def _tell(process: "Popen[bytes]", line: bytes) -> None:
    """Say all of it, unless nobody listens any more, as its silence will say."""
    with suppress(BrokenPipeError):
        while line and process.stdin:
            line = line[process.stdin.write(line) :]
