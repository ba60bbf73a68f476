"""The broker's jars: fetched by Maven once, kept in a cache folder outside the tree."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
FETCH_WITHIN = 600.0
LEAST_JAVA = 17


class NoBroker(Exception):
    """There is no broker to be had; the message says what is missing."""


def jars() -> Path:
    """The folder of the jars, fetched when they are not there yet. Raises NoBroker.

    Processes that come at the same time wait for the first one, and a fetch that was cut short leaves nothing behind.
    """
    check_java()
    folder = cache_folder() / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.with_suffix(".lock")):
        if not folder.exists():
            _fetch(folder)
    return folder


def cache_folder() -> Path:
    """Where what was fetched is kept: as the environment says, beside other caches, or with temporary files."""
    given = os.environ.get("ASHIATO_BROKER_CACHE")
    if given:
        return Path(given)
    home = Path(os.environ.get("HOME", ""))
    caches = Path(os.environ.get("XDG_CACHE_HOME", home / ".cache"))
    if caches.is_absolute() and os.access(caches if caches.exists() else caches.parent, os.W_OK):
        return caches / "ashiato-broker"
    return Path(tempfile.gettempdir()) / f"ashiato-broker-{os.getuid()}"


def check_java() -> None:
    """Java must be there, new enough. Raises NoBroker."""
    if shutil.which("java") is None:
        raise NoBroker("expected Java to run Kafka, but found none")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = said.partition('version "')[2].partition(".")[0].partition('"')[0]
    if not found.isdigit() or int(found) < LEAST_JAVA:
        raise NoBroker(f"expected Java {LEAST_JAVA} or newer to run Kafka, but found {found or said[:80]!r}")


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoBroker("expected Maven to fetch Kafka, but found none")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fetched = Path(scratch) / "jars"
        # Maven's own cache goes along, for there may be no home to keep it in.
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
        places = [f"-DoutputDirectory={fetched}", f"-Dmaven.repo.local={scratch}/repository"]
        try:
            done = subprocess.run(
                [*command, *places], capture_output=True, text=True, check=False, timeout=FETCH_WITHIN
            )
        except subprocess.TimeoutExpired:
            raise NoBroker(f"expected Maven to fetch Kafka within {FETCH_WITHIN:.0f} seconds") from None
        if done.returncode != 0:
            raise NoBroker(f"expected Maven to fetch Kafka, but: {(done.stdout + done.stderr).strip()[-1_500:]}")
        fetched.rename(folder)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
