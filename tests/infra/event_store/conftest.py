"""A connection to an empty log."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
def connection(module_database: str) -> Iterator[psycopg.Connection[Any]]:
    """In a transaction that is never committed: quicker than a database for each test."""
    with psycopg.connect(module_database, autocommit=True) as connected, connected.transaction(force_rollback=True):
        yield connected
