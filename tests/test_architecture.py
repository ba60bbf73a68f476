"""The layers hold, and each contract would notice if they did not."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CODE = Path(__file__).parents[1]
PROJECT = tomllib.loads((CODE / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}

CHECK = "from importlinter.cli import lint_imports_command as check; check()"


def pairs(sources: list[str], forbidden: list[str]) -> list[tuple[str, str]]:
    return [(source, module) for source in sources for module in forbidden]


def forbids(contract: str) -> list[tuple[str, str]]:
    return pairs(CONTRACTS[contract]["source_modules"], CONTRACTS[contract]["forbidden_modules"])


# For each contract: who must not import what.
FORBIDDEN = {
    "layers": [
        *pairs(["domain"], ["commands", "queries", "projections", "infra", "services"]),
        *pairs(["commands"], ["queries", "projections", "infra", "services"]),
        *pairs(["queries"], ["commands", "projections", "infra", "services"]),
        *pairs(["projections"], ["commands", "queries", "infra", "services"]),
        *pairs(["infra"], ["services"]),
    ],
    "pure-domain": forbids("pure-domain"),
    "questions-know-rows-only": forbids("questions-know-rows-only"),
    "ports-not-adapters": forbids("ports-not-adapters"),
}


def check(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CHECK, "--no-cache", "--no-logo", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program's modules alone, where violations may be planted."""
    shutil.copy(CODE / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        for module in (CODE / package).rglob("*.py"):
            target = tmp_path / module.relative_to(CODE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, target)
    return tmp_path


def test_every_contract_holds() -> None:
    result = check(CODE)
    assert result.returncode == 0, result.stdout


def test_every_contract_is_tried() -> None:
    assert sorted(FORBIDDEN) == sorted(CONTRACTS)


@pytest.mark.parametrize("contract", sorted(FORBIDDEN))
def test_a_contract_notices_each_violation(copy: Path, contract: str) -> None:
    for source, module in FORBIDDEN[contract]:
        (copy / source / f"planted_{module}.py").write_text(f"import {module}\n")
    result = check(copy, "--contract", contract)
    assert result.returncode == 1
    missed = [(s, m) for s, m in FORBIDDEN[contract] if f"{s}.planted_{m} -> {m}" not in result.stdout]
    assert missed == [], result.stdout
