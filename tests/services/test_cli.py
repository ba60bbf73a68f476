"""The `ashiato` command: what it can do is written down, and what it can't use is said clearly."""

from pathlib import Path

import pytest
from typer.main import get_group
from typer.testing import CliRunner

from projections.catalogue import BY_NAME
from services.cli import app

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"
COMMANDS = sorted(get_group(app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_operators_guide(command: str) -> None:
    assert f"`ashiato {command}" in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    assert get_group(app).commands[command].help


def test_an_unknown_read_model_is_answered_with_the_known_ones() -> None:
    ended = CliRunner().invoke(app, ["rebuild", "progres"], env={"COLUMNS": "200"})
    assert ended.exit_code == 2
    assert f"expected some of {', '.join(BY_NAME)}, but got progres" in ended.output
