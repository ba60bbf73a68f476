"""Processes that help to replay: one JSON line asks each for a task, and a line answers.

Programs of their own and not `multiprocessing`, whose new processes first import all that the asking program has.
"""

import gc
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from subprocess import PIPE, Popen
from threading import Thread

import msgspec
import psycopg

from infra.own_programs import environment
from infra.read_store.folding import uncollected
from infra.read_store.giving_way import process_gives_way, thread_gives_way
from infra.read_store.parts import Task
from infra.read_store.replaying import Worker
from infra.read_store.side import aside
from projections.catalogue import BY_NAME
from projections.engine import Projection

PROGRAM = (sys.executable, "-m", "infra.read_store.helping")

Progress = Callable[[int, int], None]
"""Told events done, and how many there are."""

_encode = msgspec.json.encode


class HelperFailed(Exception):
    """A helping process gave up; what it was at is not done."""


class Helpers:
    """Helping processes, started at once, so that they are ready when there are tasks."""

    def __init__(
        self, dsn: str, projections: Sequence[Projection], count: int, *, gives_way: bool = True
    ) -> None:
        self._gives_way = gives_way
        self._processes = [
            Popen(PROGRAM, stdin=PIPE, stdout=PIPE, env=environment(), start_new_session=True)  # noqa: S603  # ours
            for _ in range(count)
        ]
        for process in self._processes:
            if gives_way:
                process_gives_way(process.pid)  # from here, for it begins with a second of importing
            _tell(process, [dsn, [projection.name for projection in projections], gives_way])

    def share(
        self, tasks: Sequence[Task], own: Worker | None, progress: Progress | None, total: int, done: int = 0
    ) -> None:
        """Have the tasks done: the helpers begin with the first, our own worker, if there is one, with the last.

        `done` of `total` events were done before.

        Raises HelperFailed.
        """
        left = deque(tasks)
        answers: SimpleQueue[int | BaseException] = SimpleQueue()
        for process in self._processes:
            Thread(target=_ask, args=(process, left, answers), daemon=True).start()
        ours = Thread(target=_work, args=(own, left, answers, self._gives_way), daemon=True) if own else None
        if ours:
            ours.start()
        try:
            with uncollected():
                for _ in tasks:
                    done += _done(answers.get())
                    if progress:
                        progress(done, total)
        finally:
            left.clear()
            if ours:
                ours.join()

    def stop(self) -> None:
        """End them; one that is at a task finishes it."""
        for process in self._processes:
            with suppress(BrokenPipeError):
                process.communicate()


def _work(own: Worker, left: deque[Task], answers: "SimpleQueue[int | BaseException]", gives_way: bool) -> None:
    """Do one task after the other ourselves."""
    if gives_way:
        thread_gives_way()
    while True:
        try:
            task = left.pop()
        except IndexError:
            return
        try:
            answers.put(own.work(task))
        except BaseException as error:  # noqa: BLE001  # whatever it is, who collects the answers raises it
            answers.put(error)
            return


def _done(answer: int | BaseException) -> int:
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _ask(process: Popen[bytes], left: deque[Task], answers: "SimpleQueue[int | BaseException]") -> None:
    """Have a helper do one task after the other."""
    while True:
        try:
            task = left.popleft()
        except IndexError:
            return
        try:
            answers.put(_answer(process, task))
        except HelperFailed as failed:
            answers.put(failed)
            return


def _answer(process: Popen[bytes], task: Task) -> int:
    _tell(process, task)
    line = process.stdout.readline() if process.stdout else b""
    answer: int | str = msgspec.json.decode(line) if line else "it ended"
    if isinstance(answer, str):
        raise HelperFailed(f"expected a helping process to replay some streams, but: {answer}")
    return answer


def _tell(process: Popen[bytes], what: object) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError):  # it has ended, as its silence will say
        process.stdin.write(_encode(what) + b"\n")
        process.stdin.flush()


def main() -> None:
    """A helping process: told where and what to rebuild, then one task after the other, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks is interrupted, and ends us
    gc.disable()  # as in `uncollected`, for good
    dsn, names, gives_way = msgspec.json.decode(sys.stdin.buffer.readline(), type=tuple[str, list[str], bool])
    worker: Worker | None = None
    for line in sys.stdin.buffer:
        try:
            # Connected late: what cannot be reached is an answer too.
            worker = worker or Worker(aside(dsn, gives_way=gives_way), [BY_NAME[name] for name in names])
            answer: int | str = worker.work(Task(*msgspec.json.decode(line)))
        except psycopg.Error as error:
            answer = f"{type(error).__name__} (SQLSTATE {error.sqlstate})"
        except Exception as error:  # noqa: BLE001  # whatever it is, the one who asks has to know
            traceback.print_exc()
            answer = type(error).__name__
        sys.stdout.buffer.write(_encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    os._exit(0)  # at once: whoever asked waits, and taking the memory apart piece by piece takes a while


if __name__ == "__main__":
    main()
