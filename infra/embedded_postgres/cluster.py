"""The data folder: made once, described by its files, reached by a DSN.

    <folder>/lock           held by the holder and the watchdog; says who holds
    <folder>/password       mode 0600, random, made with the cluster
    <folder>/postgres.log   what the server says (one older file is kept)
    <folder>/data-<major>/  the cluster itself, all that the server's account may write
"""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from infra.embedded_postgres.account import Account, choose_account
from infra.embedded_postgres.binaries import Binaries
from infra.embedded_postgres.errors import EmbeddedPostgresError, about
from infra.embedded_postgres.lock import lives
from infra.embedded_postgres.places import reachable_folder

USER = "ashiato"
DATABASE = "postgres"
BUILTIN_LOCALES = 17  # the first version that has them
LOG_LIMIT_BYTES = 10 * 1024 * 1024

# Lines of postmaster.pid, counted from 0 (PostgreSQL's src/include/utils/pidfile.h).
_PID, _PORT, _STATUS = 0, 3, 7


@dataclass(frozen=True)
class Tuning:
    """How careful and how large the server is; `extra` settings win over ours; throwaway data go with it."""

    durable: bool
    shared_buffers: str
    extra: Mapping[str, str]
    throwaway: bool = False


@dataclass(frozen=True)
class Cluster:
    """One data folder with the binaries and the account that go with it."""

    folder: Path
    binaries: Binaries
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder; another major version gets another one."""
        return self.folder / f"data-{self.binaries.major}"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "postgres.log"

    def dsn(self, port: int, database: str = DATABASE) -> str:
        """The URL of a database of the server that listens on `port`."""
        return _dsn(self.folder, port, database)

    def ensure(self, *, durable: bool) -> None:
        """Make the cluster if it is not there yet; a half-made one is made anew."""
        if (self.data / "global" / "pg_control").exists():
            return
        aside = self.folder / "data-in-the-making"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        self.account.own(aside)
        self._initdb(aside / "data", durable=durable)
        (aside / "data").rename(self.data)
        shutil.rmtree(aside)

    def _initdb(self, data: Path, *, durable: bool) -> None:
        handed_over = data.with_name("password")
        _write_secret(handed_over, self._password())
        self.account.own(handed_over)
        sync = [] if durable else ["--no-sync"]
        done = self.account.run([*_initdb(self.binaries, data, handed_over), *sync])
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"expected initdb to make {data}, but: {done.stderr.strip()}")

    def command(self, port: int, tuning: Tuning) -> list[str]:
        """The command line of the server."""
        assignments = (f"{name}={value}" for name, value in _settings(port, tuning).items())
        server = [str(self.binaries["postgres"]), "-D", str(self.data)]
        return server + [part for assignment in assignments for part in ("-c", assignment)]

    def turn_log(self) -> None:
        """Put a long log aside; the one put aside before goes."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _password(self) -> str:
        path = self.folder / "password"
        if not path.exists():
            _write_secret(path, secrets.token_urlsafe(32))
        return path.read_text()


def _write_secret(path: Path, secret: str) -> None:
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600, exist_ok=False)
    aside.write_text(secret)
    aside.replace(path)


# For tests: nothing survives a crash of the machine, and all is quicker.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def _settings(port: int, tuning: Tuning) -> dict[str, str]:
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_buffers": tuning.shared_buffers,
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %a ",
        # DETAIL lines quote the values of rows: personal data has no place in a log file.
        "log_error_verbosity": "terse",
        **({} if tuning.durable else FORGETFUL),
        **tuning.extra,
    }


def _initdb(binaries: Binaries, data: Path, password_file: Path) -> list[str | Path]:
    # Code-point order on every machine; the built-in locale also knows the upper case of é.
    has_builtin = binaries.major >= BUILTIN_LOCALES
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if has_builtin else []
    return [
        binaries["initdb"],
        f"--pgdata={data}",
        f"--username={USER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *builtin,
        "--data-checksums",
    ]


def dsn_of_running(folder: Path, database: str = DATABASE) -> str | None:
    """The URL of the server that another process keeps for this folder, None if none is ready."""
    with about(folder):
        folder = reachable_folder(folder, choose_account())
        for data in folder.glob("data-*"):
            found = read_pid_file(data)
            if found is not None and found.is_ready and lives(found.pid):
                return _dsn(folder, found.port, database)
    return None


@dataclass(frozen=True)
class PidFile:
    """What a server says of itself in postmaster.pid."""

    pid: int
    port: int
    is_ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """The complete pid file of a running or crashed server; None while there is none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) <= _STATUS:
        return None
    return PidFile(int(lines[_PID]), int(lines[_PORT]), lines[_STATUS].strip() == "ready")


def _dsn(folder: Path, port: int, database: str) -> str:
    password = (folder / "password").read_text().strip()
    return f"postgresql://{USER}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database, safe='')}"
