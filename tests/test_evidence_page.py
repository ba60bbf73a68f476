"""What docs/evidence.md tells auditors to do, done as it stands there, on an answer of the API."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from shutil import which

import pytest

from infra.evidence.reading import Evidence
from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from tests.infra.evidence.logs import fill, sign

PAGE = Path(__file__).parents[1] / "docs" / "evidence.md"
BLOCKS = dict(re.findall(r"^```(sh|py)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


@pytest.fixture
async def folder(database: str, tmp_path: Path) -> Path:
    """A checkpoint, a proof and a key, as an auditor has them."""
    tenant = uuid7()
    fill(database, tenant, 300)
    sign(database, tmp_path)
    pool = reading_pool(database, 1)
    await pool.open()
    evidence = Evidence(pool)
    checkpoint, [key] = await evidence.checkpoint(tenant), await evidence.keys()
    leaf, path, root = await evidence.inclusion(tenant, 77, 300)
    await pool.close()
    assert checkpoint is not None
    told = {"seq": 77, "leaf_hash": leaf.hex(), "path": [one.hex() for one in path]}
    whole = {**told, "checkpoint": {"size": 300, "root": root.hex()}}
    (tmp_path / "proof.json").write_text(json.dumps(whole), encoding="utf-8")
    (tmp_path / "note").write_text(checkpoint.note, encoding="utf-8")
    (tmp_path / "key").write_bytes(b64encode(key.public))
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_proof_is_checked_by_the_script(folder: Path) -> None:
    assert run(folder, sys.executable, "-c", BLOCKS["py"]).stdout == "in the tree\n"
    spoilt = (folder / "proof.json").read_text(encoding="utf-8").replace('"seq": 77', '"seq": 78')
    (folder / "proof.json").write_text(spoilt, encoding="utf-8")
    assert "not in the tree" in run(folder, sys.executable, "-c", BLOCKS["py"]).stderr


@pytest.mark.skipif(which("openssl") is None, reason="there is no openssl on this machine")
def test_a_signature_is_checked_by_openssl(folder: Path) -> None:
    checked = run(folder, "sh", "-ec", BLOCKS["sh"])
    assert "Verified Successfully" in checked.stdout, checked.stderr
    forged = (folder / "note").read_text(encoding="utf-8").replace("\n300\n", "\n301\n")
    (folder / "note").write_text(forged, encoding="utf-8")
    assert run(folder, "sh", "-ec", BLOCKS["sh"]).returncode != 0
