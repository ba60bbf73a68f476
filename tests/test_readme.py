"""The README's first hour works, word for word, against the real program."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


ADDRESS = re.compile(r"listens on (http://[\d.]+:\d+)")


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """Where `ashiato serve` answers, on a fresh database."""
    command = [sys.executable, "-c", "from services.cli import main; main()", "serve"]
    environment = {**os.environ, "DATABASE_URL": database, "ASHIATO_PORT": "0", "PYTHONPATH": str(README.parent)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:  # ours
        try:
            assert server.stdout
            found = next(filter(None, map(ADDRESS.search, server.stdout)), None)
            assert found, "the server ended before it listened"
            yield found[1]
        finally:
            server.terminate()


def first_hour() -> str:
    """The README's longest shell block."""
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return max(blocks, key=len)


@pytest.mark.skipif(not shutil.which("curl"), reason="the README's examples need curl, which is not here")
def test_the_first_hour_works(address: str, tmp_path: Path) -> None:
    script = "set -eu\n" + first_hour().replace("A=http://127.0.0.1:8000", f"A={address}")
    bash = shutil.which("bash") or "sh"
    ended = subprocess.run([bash, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "/problems/" not in ended.stdout
    for fact in ('"mine":true', '"status":"done"', '"type":"run.step_completed"', '"held":1'):
        assert fact in ended.stdout
