"""The whole way of an event, from the log through Kafka into the read models, while its parts are killed.

Two relays, two projectors, a broker and PostgreSQL, each a process of its own; whoever ends is started again.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import psycopg
from kafka.errors import KafkaError

from infra.kafka.relaying import PROGRAM, Order
from infra.kafka.settings import KafkaSettings
from infra.kafka.topic import find
from infra.read_store.verify import verify
from projections.catalogue import PROJECTIONS
from services.database import prepare
from tests.broker.broker import Broker
from tests.faults import feeding
from tests.faults.crashing_server import CrashingServer
from tests.infra.kafka.reading import log_by_partition, read_all
from tests.infra.kafka.records import records
from tests.services.commanding import ASHIATO, environment

PATIENCE_SECONDS = 180.0
RELAYS, PROJECTORS = 2, 2
LEADER = """
    SELECT a.application_name, a.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'relay-%'
"""
BACKENDS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
HEAD = "SELECT coalesce(max(position), 0) FROM events"
PLACES = """
    SELECT coalesce((SELECT max(position) FROM relays), 0),
           coalesce((SELECT min(position) FROM projections WHERE name NOT LIKE '%\\_\\_%'), 0)
"""


class KafkaOrdeal:
    """Everything that runs, and what is done to it."""

    def __init__(self, tenants: int, events: int, partitions: int = 6) -> None:
        self._tenants = tenants
        self._events = events
        self._folder = tempfile.TemporaryDirectory(prefix="ashiato-kafka-ordeal-")
        self._server = CrashingServer()
        self._broker = Broker()
        self._settings = KafkaSettings(self._broker.servers, topic="ordeal", partitions=partitions)
        # Those that work at the log, and those that read it, need the same keys; a run of tests has some already.
        os.environ.setdefault("ASHIATO_KEY_FILE", f"{self._folder.name}/keys")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._feeder: subprocess.Popen[bytes] | None = None
        self.done: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._server.__enter__()
        self._broker.__enter__()
        prepare(self._server.dsn)
        arguments = [self._server.dsn, str(self._tenants), str(self._events)]
        self._feeder = self._start("feeder", [sys.executable, "-m", feeding.__name__, *arguments])
        for number in range(RELAYS):
            self._processes[f"relay-{number}"] = self._start_relay(f"relay-{number}")
        self._until(lambda: find(self._settings) is not None, "a topic")
        for number in range(PROJECTORS):
            self._processes[f"projector-{number}"] = self._start_projector(f"projector-{number}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [*self._processes.values(), self._feeder]:
            if process is not None:
                _end(process)
        self._broker.__exit__(kind, error, trace)
        self._server.__exit__(kind, error, trace)
        self._folder.cleanup()

    def kill_relay(self) -> None:
        """kill -9 of the one that relays."""
        self._kill(self._leader())

    def kill_projector(self) -> None:
        """kill -9 of one, in turn."""
        self._kill(f"projector-{self.done['projector'] % PROJECTORS}")

    def kill_broker(self) -> None:
        """kill -9 of the broker, and start it again."""
        self._broker.kill()
        self._broker.start()

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL, and start it again."""
        self._server.kill()
        self._server.start()

    def hold_relay(self) -> None:
        """SIGSTOP the one that relays; when another has its lock and has gone on, SIGCONT."""
        name = self._leader()
        zombie = self._processes[name]
        before = self.places()[0]
        zombie.send_signal(signal.SIGSTOP)
        try:
            with psycopg.connect(self._server.dsn, autocommit=True) as connection:
                connection.execute(BACKENDS, (name,))
            self._until(lambda: self._leader() != name and self._went_on(before), "another relay")
        finally:
            zombie.send_signal(signal.SIGCONT)

    def let_work(self, events: int) -> None:
        """Until the read models have come so much further, or there is nothing more to come."""
        wanted = self.places()[1] + events
        self._until(lambda: self.places()[1] >= min(wanted, self._head()), f"{events} events more")

    @property
    def is_fed(self) -> bool:
        """Whether the log has all the events that it is to have."""
        return self._feeder is not None and self._feeder.poll() is not None

    def finish(self) -> str:
        """Let everything come to its end, and check it; what is to be told."""
        assert self._feeder is not None
        self._until(lambda: self.is_fed, "the last event")
        assert self._feeder.returncode == 0, self._said("feeder")
        head = self._head()
        self._until(lambda: self.places() == (head, head), f"everything through {head}")
        for process in self._processes.values():
            process.terminate()
        wanted = log_by_partition(self._server.dsn, self._settings.partitions)
        assert read_all(self._server.dsn, self._settings, head) == wanted, "the topic does not tell what the log does"
        assert verify(self._server.dsn, PROJECTIONS, workers=1) == [], "live and rebuilt differ"
        twice = sum(map(len, records(self._settings).values())) - head
        return f"{head:,} events, {twice:,} records more than once in the topic; {self}"

    def __str__(self) -> str:
        return ", ".join(f"{kind} {count}×" for kind, count in sorted(self.done.items()))

    def places(self) -> tuple[int, int]:
        """Through where the log is in the topic, and all read models in the log."""
        with psycopg.connect(self._server.dsn) as connection:
            row = connection.execute(PLACES).fetchone()
        assert row is not None
        return row

    def _went_on(self, before: int) -> bool:
        """The relay's cursor has moved, or there is nothing left to relay."""
        return self.places()[0] > before or self._head() == before

    def _head(self) -> int:
        with psycopg.connect(self._server.dsn) as connection:
            row = connection.execute(HEAD).fetchone()
        return int(row[0]) if row else 0

    def _leader(self) -> str:
        found: list[str] = []

        def led() -> bool:
            with psycopg.connect(self._server.dsn) as connection:
                found[:] = [name for name, _ in connection.execute(LEADER)]
            return bool(found)

        self._until(led, "a relay that leads")
        return found[0]

    def _kill(self, name: str) -> None:
        _end(self._processes[name])

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self._tend()
            try:
                if is_so():
                    return
            except (psycopg.OperationalError, KafkaError):
                pass  # it has just been killed
            assert time.monotonic() < deadline, f"expected {what}, but {self.places()}: {self._last_words()}"
            time.sleep(0.05)

    def _tend(self) -> None:
        """Start again what has ended."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                _end(process)
                start = self._start_relay if name.startswith("relay") else self._start_projector
                self._processes[name] = start(name)

    def _start_relay(self, name: str) -> "subprocess.Popen[bytes]":
        dsn = f"{self._server.dsn}{'&' if '?' in self._server.dsn else '?'}application_name={name}"
        process = self._start(name, [*PROGRAM], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(Order(dsn, self._settings, batch=500, delivered_within=4.0)) + b"\n")
        process.stdin.flush()
        return process

    def _start_projector(self, name: str) -> "subprocess.Popen[bytes]":
        said = {
            "DATABASE_URL": self._server.dsn,
            "ASHIATO_DATA_DIR": self._folder.name,
            "ASHIATO_KAFKA_SERVERS": self._settings.servers,
            "ASHIATO_KAFKA_TOPIC": self._settings.topic,
        }
        return self._start(name, [*ASHIATO, "project", "--from", "kafka"], env=environment(**said))

    def _start(
        self, name: str, command: list[str], stdin: int | None = None, env: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        with self._log(name).open("ab") as log:
            return subprocess.Popen(command, stdin=stdin, stdout=log, stderr=log, env=env or dict(os.environ))

    def _log(self, name: str) -> Path:
        return Path(self._folder.name) / f"{name}.log"

    def _said(self, name: str) -> str:
        return self._log(name).read_text(errors="replace")[-1_500:] if self._log(name).exists() else ""

    def _last_words(self) -> str:
        return "\n".join(f"{name}: {self._said(name)}" for name in ["feeder", *self._processes])


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
