"""The one job every side does: complete a step of a run that has a history. The same for all."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import NamedTuple

VISITS = 3
"""Commands per run and round. A run begins 2 events short of its history, so that the mean is right."""


class Task(NamedTuple):
    """Complete step number `step` (from 0) of `run`."""

    run: str
    step: int


Chain = list[Task]
"""What one caller does one after the other; nobody else touches this run meanwhile."""


@dataclass(frozen=True, slots=True)
class Workload:
    """`callers` at once, on runs with `history` events on the average."""

    callers: int
    history: int

    @property
    def seeded(self) -> int:
        """Events of a run at the start: started, the first step ready, then pairs of completed and ready."""
        return self.history - 2

    @property
    def done(self) -> int:
        """Steps already completed at the start."""
        return (self.seeded - 2) // 2

    @property
    def steps(self) -> int:
        """Steps of the procedure: 20, or enough that no visit is the last step."""
        return max(20, self.done + VISITS + 2)

    def runs_for(self, seconds: float, rate: float) -> int:
        """Runs enough for `seconds` at `rate` commands a second: two per caller at least."""
        return max(2 * self.callers, ceil(seconds * rate / VISITS) + self.callers)

    def chains(self, runs: Sequence[str]) -> deque[Chain]:
        """The runs' commands, in chains that callers take as they become free."""
        return deque([Task(run, self.done + visit) for visit in range(VISITS)] for run in runs)


def step_id(number: int) -> str:
    """The id of step `number`, from 0."""
    return f"step-{number:03d}"


def history(workload: Workload) -> Iterator[tuple[str, int]]:
    """The seeded events, each a kind and a step number: started 0, ready 0, completed 0, ready 1 …"""
    yield "started", 0
    yield "ready", 0
    for number in range(workload.done):
        yield "completed", number
        yield "ready", number + 1


VALUES: dict[str, str | int | bool] = {
    "contract_type": "無期雇用",
    "start_date": "2026-04-01",
    "monthly_salary": 312_000,
    "commuting_route": "新宿 – 大手町、丸ノ内線、定期券 6 か月",
    "laptop": "13-inch, 32 GB, Japanese keyboard",
    "note": "Documents received by post on Monday; the originals are in the cabinet of the second floor.",
    "checked": True,
}
"""A filled form: about 300 bytes of JSON, so that an event is 300 to 500 bytes."""

MEMBERS = ("member-aiko", "member-ben", "member-chika", "member-daisuke")


def values(number: int) -> dict[str, str | int | bool]:
    """The form of step `number`; forms differ so that nothing can be cached by equality."""
    return VALUES | {"number": number}


def member(number: int) -> str:
    """Who does step `number`."""
    return MEMBERS[number % len(MEMBERS)]


serial = count(1)
"""Numbers for whatever must be unique within this process."""
