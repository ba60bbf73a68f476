"""One Kafka broker of Maven's jars, which can be stopped, held still, killed and started again on the same data."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from tests.broker.jars import jars

READY_WITHIN = 120.0
STOPS_WITHIN = 20.0
PROBE = "ready"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
# A broker that was killed and comes again is let in as soon as its old session is over: 9 seconds by default.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=1500
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
# A short look at what is too old, for tests of retention.
log.retention.check.interval.ms=500
log.initial.task.delay.ms=100
# Its default of 128 MiB kills small heaps.
log.cleaner.dedupe.buffer.size=2097152
"""
JAVA = ("-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN")


class BrokerFailed(Exception):
    """The broker did not come up; the message holds the end of what it said."""


class Broker:
    """A broker on this machine, for as long as the block runs. `servers` is where clients find it."""

    def __init__(self, folder: Path | None = None, heap: str = "320m", port: int = 0) -> None:
        self._scratch = None if folder else tempfile.TemporaryDirectory(prefix="ashiato-broker-")
        self._folder = folder or Path(self._scratch.name if self._scratch else "")
        self._jvm = (*JAVA, f"-Xmx{heap}")
        self._jars = jars()
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> str:
        """What clients are given as bootstrap servers."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        try:
            self._format()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def start(self) -> None:
        """Start it, after an end too, and wait until a record can be written and read."""
        log = (self._folder / "broker.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*_dies_with_us(), *self._java("kafka.Kafka"), str(self._properties)], stdout=log, stderr=log
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """kill -9."""
        self._running.kill()
        self._running.wait()

    def hold(self) -> None:
        """SIGSTOP: it answers nobody, and closes no connection."""
        self._running.send_signal(signal.SIGSTOP)

    def let_go(self) -> None:
        """SIGCONT."""
        self._running.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def _java(self, main: str) -> list[str]:
        # An argument list and no shell, which would expand the class path's star.
        return ["java", *self._jvm, "-cp", f"{self._jars}/*", main]

    def _format(self) -> None:
        """Prepare the data folder, once."""
        data = self._folder / "data"
        self._properties.write_text(
            PROPERTIES.format(port=self._port, controller=free_port(), data=data), encoding="utf-8"
        )
        if (data / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # One argument: of two, a name that begins with "-", as one in 64 does, would be read as an option.
        command = [*self._java("kafka.tools.StorageTool"), "format", "--standalone", f"--cluster-id={cluster}"]
        done = subprocess.run(
            [*command, "-c", str(self._properties)], capture_output=True, text=True, check=False, timeout=READY_WITHIN
        )
        if done.returncode != 0:
            raise BrokerFailed(f"expected to prepare {data}, but: {done.stdout[-1_000:]}{done.stderr[-1_000:]}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        # Not with a client of Kafka's: kafka-python leaves a socket open for every connection that is refused.
        while not _listens(self._port) and self._running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        while True:
            try:
                return _write_and_read(self.servers)
            except KafkaError as error:
                if self._running.poll() is not None or time.monotonic() > deadline:
                    said = (self._folder / "broker.log").read_text(errors="replace")[-2_000:]
                    raise BrokerFailed(f"expected the broker to come up, but {error!r}; it said: {said}") from error
                time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _dies_with_us() -> list[str]:
    """On Linux the broker ends even when its starter is killed."""
    return ["setpriv", "--pdeathsig", "KILL"] if os.uname().sysname == "Linux" and shutil.which("setpriv") else []


def _write_and_read(servers: str) -> None:
    """Describe the cluster, then write a record and read it back; KafkaError while that cannot be done."""
    quick = {"bootstrap_servers": servers, "bootstrap_timeout_ms": 3_000, "request_timeout_ms": 3_000}
    with KafkaAdminClient(**quick) as admin:
        admin.describe_cluster()
        with suppress(TopicAlreadyExistsError):
            admin.create_topics([NewTopic(PROBE, 1, 1)])
    with KafkaProducer(**quick, delivery_timeout_ms=5_000, max_block_ms=5_000) as producer:
        written = producer.send(PROBE, value=b"?").get(5)
    consumer = KafkaConsumer(**quick, auto_offset_reset="none", enable_auto_commit=False)
    with consumer:
        partition = TopicPartition(PROBE, 0)
        consumer.assign([partition])
        consumer.seek(partition, written.offset)
        if not consumer.poll(timeout_ms=5_000):
            raise KafkaError("a record that was written cannot be read yet")
