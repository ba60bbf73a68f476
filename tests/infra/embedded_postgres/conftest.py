"""Folders for data, and servers in them."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded_postgres import EmbeddedPostgres
from tests.infra.embedded_postgres.servers import Start


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """A folder for data, not there yet."""
    # pytest's own temporary folders are closed to others; the server of a root's run is another.
    made = Path(tempfile.mkdtemp(prefix="ashiato-embedded-"))
    made.chmod(0o755)
    yield made / "postgres"
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose data the tests share: making new ones is most of what they would do."""
    made = Path(tempfile.mkdtemp(prefix="ashiato-embedded-"))
    EmbeddedPostgres.start(made, durable=False).stop()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start servers of `folder`, all stopped in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(EmbeddedPostgres.start(folder, durable=False))
