"""What the embedded server refuses, in the form "expected …, but …"."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked."""


class FolderInUse(EmbeddedPostgresError):
    """Another holder keeps the server of this folder."""


@contextmanager
def about(folder: Path) -> Iterator[None]:
    """What the machine refuses in the block is told as a sentence about the folder."""
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(f"expected a folder for data at {folder}, but {_reason(error, folder)}") from error


def _reason(error: OSError, folder: Path) -> str:
    named = Path(error.filename) if isinstance(error.filename, str) else folder
    if isinstance(error, FileExistsError | NotADirectoryError):
        file = next((path for path in (named, *named.parents) if path.exists()), named)
        return f"{file} is a file"
    return f"{named}: {(error.strerror or type(error).__name__).lower()}"
