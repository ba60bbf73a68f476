"""OCEL and XES read by PM4Py, which nobody here wrote, in an environment of its own (it is AGPL: never a dependency).

Its packages are those of consumers.lock: `uv pip compile --universal --generate-hashes --no-emit-index-url` of "pm4py".
"""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.exports.bundle import Made

HERE = Path(__file__).parent
LOCK = HERE / "consumers.lock"


@pytest.fixture(scope="session")
def consumer() -> Path:
    """A Python that has PM4Py, made once for each lock file and kept beside other caches."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ashiato"
    folder = cache / f"consumers-{sha256(LOCK.read_bytes()).hexdigest()[:12]}-{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, timeout=120)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "-r", str(LOCK)]
        done = subprocess.run(install, check=False, capture_output=True, text=True, timeout=900)
        if done.returncode:
            pytest.skip(f"PM4Py could not be installed: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "ready").touch()
    return python


def test_process_mining_reads_every_event_object_and_run(whole: Made, consumer: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [consumer, HERE / "consume.py", whole.folder / "data" / "views"]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert "RESULT" in done.stdout, done.stderr
    read: dict[str, Any] = json.loads(done.stdout.rpartition("RESULT")[2])
    lines = [json.loads(line) for line in (whole.folder / "data" / "events.jsonl").read_text().splitlines()]
    assert read["events"] == 2 * [sorted(f"event-{line['log']['seq']}" for line in lines)]
    assert read["objects"][0] == read["objects"][1]
    of_runs = [line for line in lines if line["event"]["type"].startswith("run.")]
    assert (read["traces"], read["trace_events"]) == (len({e["event"]["stream"] for e in of_runs}), len(of_runs))
