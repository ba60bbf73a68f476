"""A scene for each test."""

from pathlib import Path

import pytest

from infra.ids import uuid7
from tests.tamper.scene import Scene


@pytest.fixture
def scene(database: str, tmp_path: Path) -> Scene:
    """A log of 40 events with checkpoints at 20 and 40."""
    made = Scene(database, uuid7(), tmp_path)
    made.goes_on(20)
    made.goes_on(20)
    return made
