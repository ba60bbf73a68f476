"""What was made, as whoever downloads it has it: the archive, the bundle inside, and what its programs say."""

import io
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

from tests.services.api.world import Company
from tests.services.commanding import PATIENCE_SECONDS


def unpacked(archive: bytes, into: Path) -> Path:
    """The bundle in an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")
    [bundle] = into.iterdir()
    return bundle


def verified(bundle: Path, name: str = "verify.py") -> str:
    """What a program inside says, which must be that all is well."""
    program = [sys.executable, "-I", str(bundle / "data" / name)]
    said = subprocess.run(program, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


async def download(company: Company, export: str) -> bytes:
    """The archive, which has the tag that it should."""
    got = await company.client.get(f"/v1/exports/{export}/bundle")
    assert got.status_code == 200, got.text
    assert got.headers["etag"] == f'"{sha256(got.content).hexdigest()}"'
    return got.content
