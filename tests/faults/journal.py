"""What a client asked and what it was told, on a disk of its own: written down before asking and after hearing."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Order:
    """A command as written down: its id, its name, and the run it is for."""

    id: str
    name: str
    run: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt, or the code of a refusal."""

    version: int = 0
    position: int = 0
    events: int = 0
    repeated: bool = False
    refused: str = ""


class Journal:
    """Orders and answers; an answer is on the disk before anyone acts on it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def ask(self, order: Order) -> None:
        """Write down what is about to be asked."""
        self._write({"asked": order.id, "name": order.name, "run": order.run})

    def hear(self, order: Order, answer: Answer) -> None:
        """Write down the answer, durably."""
        fields = {name: getattr(answer, name) for name in Answer.__slots__}
        self._write({"heard": order.id, **fields})
        os.fsync(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        # One write of a short line: a killed process leaves it whole or leaves the last one cut off.
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Remembered:
    """All that the clients know."""

    asked: dict[str, Order]
    heard: dict[str, Answer]

    @classmethod
    def read(cls, path: Path) -> Self:
        """What is in a journal; nothing when there is none yet."""
        asked: dict[str, Order] = {}
        heard: dict[str, Answer] = {}
        for line in _lines(path):
            if "asked" in line:
                asked[line["asked"]] = Order(line["asked"], line["name"], line["run"])
                continue
            command = line.pop("heard")
            heard[command] = Answer(**line)
        return cls(asked, heard)

    @property
    def unanswered(self) -> list[Order]:
        """What was asked and may or may not have happened."""
        return [order for command, order in self.asked.items() if command not in self.heard]


def answers_in(path: Path, offset: int) -> tuple[int, int]:
    """How many answers were written after an offset, and the offset now."""
    if not path.exists():
        return 0, 0
    with path.open("rb") as file:
        file.seek(offset)
        news = file.read()
    whole = news[: news.rfind(b"\n") + 1]
    return whole.count(b'"heard"'), offset + len(whole)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        # A line that was cut off is followed by the next one of another process.
        if line.startswith(b"{") and line.endswith(b"}") and line.count(b"{") == 1:
            yield json.loads(line)
