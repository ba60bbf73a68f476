"""Running `ashiato` as an operator does, in processes of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

CODE = Path(__file__).parents[2]
ASHIATO = [sys.executable, "-c", "from services.cli import main; main()"]
PATIENCE_SECONDS = 120.0


def environment(**changes: str) -> dict[str, str]:
    """The caller's, without what it says of Ashiato but the master keys, and with the changes."""
    gone = {k for k in os.environ if k == "DATABASE_URL" or k.startswith("ASHIATO_")} - {"ASHIATO_KEY_FILE"}
    kept = {k: v for k, v in os.environ.items() if k not in gone}
    return kept | {"COLUMNS": "200", "ASHIATO_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"} | changes


def ashiato(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*ASHIATO, *arguments],
        cwd=CODE,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder that other accounts may enter: a root's server is another's."""
    made = Path(tempfile.mkdtemp(prefix="ashiato-commands-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


class Running:
    """A command that stays until the block ends."""

    def __init__(self, *arguments: str, **changes: str) -> None:
        self.process = subprocess.Popen(
            [*ASHIATO, *arguments],
            cwd=CODE,
            env=environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until(self, words: str) -> str:
        """Read on to the line that holds these words; the line."""
        assert self.process.stdout is not None
        heard = []
        for line in self.process.stdout:
            heard.append(line)
            if words in line:
                return line
        raise AssertionError(f"expected {words!r}, but it only said: {''.join(heard)}")

    def rest(self) -> str:
        """What it says until its end."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()
