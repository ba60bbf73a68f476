"""The reader in docs/ that knows nothing of us tells each event once and in order, killed as often as you like."""

import ast
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from infra.kafka.settings import KafkaSettings
from tests.infra.kafka.by_hand import ByHand, early, relay_all, twice
from tests.infra.kafka.logs import founded, some_tenants, worked

PROGRAM = Path(__file__).parents[3] / "docs" / "outsider.py"
LOG = """
    SELECT tenant_id || '.' || tenant_seq, tenant_id::text, tenant_seq, type, stream_id::text
    FROM events ORDER BY tenant_id, tenant_seq
"""
PATIENCE = 60.0


def told(file: Path) -> list[tuple[object, ...]]:
    try:
        return sqlite3.connect(file).execute("SELECT * FROM told ORDER BY company, seq").fetchall()
    except sqlite3.OperationalError:  # it has not made its table yet
        return []


def read_some(command: list[str], file: Path, more: int) -> None:
    """Have it tell so many more, then kill it, whatever it is at."""
    wanted, deadline = len(told(file)) + more, time.monotonic() + PATIENCE
    with subprocess.Popen(command) as reader:
        while len(told(file)) < wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        reader.kill()


@pytest.mark.parametrize("order", [twice, early])
async def test_it_tells_each_event_once(
    database: str, kafka: KafkaSettings, tmp_path: Path, order: Callable[[list[object]], list[object]]
) -> None:
    tenants = some_tenants(3)
    await founded(database, tenants)
    last = await worked(database, tenants)
    relay_all(database, kafka)
    topic = ByHand(database, kafka)
    file = tmp_path / "places.db"
    command = [sys.executable, str(PROGRAM), kafka.servers, topic.settings.topic, str(file)]
    for partition, some in topic.real.items():
        topic.write(partition, order(some))
        read_some(command, file, len(some))
    with psycopg.connect(database) as connection:
        assert told(file) == connection.execute(LOG).fetchall()
    assert len(told(file)) == last


def test_it_imports_nothing_of_ours() -> None:
    found = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    assert found == {"json", "sqlite3", "sys", "kafka"}
