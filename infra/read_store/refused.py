"""Rows that cannot be stored for what they hold: PostgreSQL refuses them, or they cannot be written down at all."""

from typing import Any

import psycopg

from infra.read_store.folding import Changes
from infra.read_store.places import Fenced
from infra.read_store.tables import to_json
from projections.engine import Rows

OF_ROWS = ("22", "23", "54")
"""Classes of SQLSTATE: what is no value of its column, what breaks a constraint, what is larger than an index takes."""


class RowsRefused(Exception):
    """A batch cannot be stored for some row in it; its cause says which way."""


def is_refusal(error: BaseException) -> bool:
    """Would the same rows be refused again?

    Not when the connection, the server or its disk is at fault, nor when the tables are not what the program expects.
    """
    if isinstance(error, psycopg.Error):
        return error.sqlstate[:2] in OF_ROWS if error.sqlstate else isinstance(error, psycopg.DataError)
    return isinstance(error, Exception) and not isinstance(error, Fenced | MemoryError | OSError)


def written(rows: Rows) -> Changes:
    """What a scope's rows change, written down. Whatever it raises, it raises again for the same rows."""
    changes = Changes()
    changes.take(rows)
    changes.write_down()
    return changes


def can_be_written(rows: Rows, _: Any = None) -> None:
    """Raises what writing a scope's changes down would; they are left as they are."""
    for changed in rows.changed.values():
        to_json(list(changed.values()))
