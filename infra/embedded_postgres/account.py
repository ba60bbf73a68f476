"""Whom the server runs as: PostgreSQL refuses root, so root lends it another account."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.embedded_postgres.errors import EmbeddedPostgresError

# The first that exists. An operator who wants a separate account creates one named `ashiato`.
ACCOUNTS_FOR_ROOT = ("ashiato", "postgres", "nobody")

# Nothing of the caller's environment (PGDATA, PGHOST, LC_ALL …) may change what the server does.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    """The user and group that own the data folder and run the server."""

    uid: int
    gid: int
    is_ours: bool

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, from a folder that everyone may enter."""
        return subprocess.run(  # noqa: S603 - the binaries are ours, the arguments a list
            command,
            user=None if self.is_ours else self.uid,
            group=None if self.is_ours else self.gid,
            extra_groups=None if self.is_ours else [],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def may_enter(self, folder: Path) -> bool:
        """Whether this account can pass through the folder and all above it; we ask the kernel."""
        return self.is_ours or self.run(["test", "-x", folder]).returncode == 0


def choose_account() -> Account:
    """Ourselves, or for root the first of ACCOUNTS_FOR_ROOT that exists."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_ours=True)
    for name in ACCOUNTS_FOR_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, is_ours=False)
    raise EmbeddedPostgresError(f"expected one of the accounts {ACCOUNTS_FOR_ROOT} to exist, but none does")
