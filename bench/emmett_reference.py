"""A peer: Emmett's PostgreSQL event store in Node, when Node and npm are there. Nothing else needs them."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from bench.harness import Figures, UnavailableError
from bench.server import as_url, database
from bench.workload import VISITS, Workload, serial, values

SOURCE = Path(__file__).parent / "emmett"


class Emmett:
    """`workload.callers` callers in one Node process, doing one job: appends alone, or whole commands."""

    def __init__(self, dsn: str, workload: Workload, job: Literal["append", "command"]) -> None:
        """Install it if need be, and start it on a database of its own."""
        folder = installed()
        self._workload = workload
        self._job = job
        url = as_url(database(dsn, f"bench_emmett_{next(serial)}"))
        command = [_tool("node"), "bench.js", url, str(workload.callers)]
        self._process = subprocess.Popen(  # noqa: S603 – the bench's own script
            command, cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def measure(self, seconds: float) -> Figures:
        """One round; how often a second."""
        given = {"seconds": seconds, "history": self._workload.history, "visits": VISITS, "values": values(0)}
        return {"rate": float(self._ask(json.dumps(given | {"job": self._job}, ensure_ascii=False)))}

    def close(self) -> None:
        """The end of its input ends it."""
        try:
            self._process.communicate(timeout=10)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self._process.kill()
            self._process.wait()

    def _ask(self, line: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("expected pipes to the Node process")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("expected an answer, but the Node process ended; its message stands above")
        return answer


def installed() -> Path:
    """The folder where it is installed, outside the project; now, if it is not there in these versions."""
    wanted = (SOURCE / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ashiato" / "bench-emmett"
    npm = _tool("npm")
    _tool("node")
    done = cache / "installed.json"
    cache.mkdir(parents=True, exist_ok=True)
    if not done.exists() or done.read_bytes() != wanted:
        (cache / "package.json").write_bytes(wanted)
        _install(npm, cache)
        done.write_bytes(wanted)
    shutil.copy(SOURCE / "bench.js", cache)
    return cache


def _install(npm: str, folder: Path) -> None:
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    ended = subprocess.run(  # noqa: S603 – npm, with words that stand here
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    if ended.returncode:
        raise UnavailableError(f"npm could not install it: {ended.stderr.strip()[-300:]}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise UnavailableError(f"there is no {name} on this machine")
    return found
