"""Hold and stop the server of a data folder."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from infra.embedded_postgres.account import choose_account
from infra.embedded_postgres.binaries import find_binaries, named_by_environment
from infra.embedded_postgres.cluster import DATABASE, Cluster, Tuning
from infra.embedded_postgres.errors import about
from infra.embedded_postgres.launch import Launched, launch
from infra.embedded_postgres.lock import FolderLock
from infra.embedded_postgres.places import quick_place, reachable_folder


@dataclass
class EmbeddedPostgres:
    """A PostgreSQL server that lives no longer than the process that holds it."""

    cluster: Cluster
    _tuning: Tuning
    _launched: Launched
    _lock: FolderLock
    _turn: Lock = field(default_factory=Lock)
    _stopped: bool = False

    @classmethod
    def start(
        cls,
        data_dir: Path,
        *,
        durable: bool = True,
        shared_buffers: str | None = None,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """Start the server of `data_dir`, made at the first start; `FolderInUse` if another process holds it.

        Not `durable` trades safety for speed: for tests. `bin_dir` (or ASHIATO_PG_BIN) names other binaries
        than the wheel's, PostgreSQL 15 or newer. Root lends the server another account; where that account
        cannot reach `data_dir`, the data lie in a folder of our own, which `.folder` tells.
        """
        account = choose_account()
        binaries = find_binaries(account, bin_dir or named_by_environment())
        tuning = Tuning(durable, shared_buffers or ("256MB" if durable else "64MB"), settings or {})
        with about(data_dir):
            return cls._hold(Cluster(reachable_folder(data_dir, account), binaries, account), tuning)

    @classmethod
    def temporary(cls, *, shared_buffers: str = "64MB", settings: Mapping[str, str] | None = None) -> Self:
        """A quick, forgetful server in a folder of its own, which vanishes however this process ends."""
        account = choose_account()
        made = Path(tempfile.mkdtemp(prefix="ashiato-postgres-", dir=quick_place()))
        folder = reachable_folder(made, account)
        cluster = Cluster(folder, find_binaries(account, named_by_environment()), account)
        tuning = Tuning(durable=False, shared_buffers=shared_buffers, extra=settings or {}, throwaway=True)
        return cls._hold(cluster, tuning)

    @classmethod
    def _hold(cls, cluster: Cluster, tuning: Tuning) -> Self:
        lock = FolderLock.take(cluster.folder)
        try:
            cluster.ensure(durable=tuning.durable)
            return cls(cluster, tuning, launch(cluster, tuning, lock.descriptor), lock)
        except BaseException:
            lock.release()
            raise

    @property
    def folder(self) -> Path:
        """Where the data really lie."""
        return self.cluster.folder

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self._launched.port

    @property
    def pid(self) -> int:
        """The process id of the server (the postmaster)."""
        return self._launched.pid

    @property
    def dsn(self) -> str:
        """The URL of the maintenance database, password included."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """The URL of a database of this server, password included."""
        return self.cluster.dsn(self.port, database)

    @property
    def is_running(self) -> bool:
        """Whether the server still runs."""
        return self._launched.is_running

    def start_again(self) -> None:
        """Start the server that ended by itself where it was: its DSN stays. Nothing happens once it was stopped."""
        with self._turn:
            if not self._stopped:
                self._launched.end()
                self._launched = launch(self.cluster, self._tuning, self._lock.descriptor, self.port)

    def stop(self) -> None:
        """End all sessions and stop; everything committed is kept. Stopping twice is harmless."""
        with self._turn:
            self._stopped = True
            self._launched.end()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
