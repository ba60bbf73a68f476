"""Storing a batch whose rows are refused together: each stream alone, as far as it can be, within one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from infra.read_store.copying import Copying
from infra.read_store.folder import Folder
from infra.read_store.folding import Changes, Stored
from infra.read_store.making import store
from infra.read_store.parking import Keep, Poison
from infra.read_store.places import Followed
from infra.read_store.refused import is_refusal, written
from projections.engine import Rows


class Apart:
    """Stores over a connection, on which nothing else is under way, within somebody's transaction."""

    def __init__(self, connection: Connection[Any], copying: Copying, folder: Folder) -> None:
        self._connection = connection
        self._copying = copying
        self._folder = folder

    def __call__(
        self, one: Followed, changes: Changes, poisons: Sequence[Poison], events: Mapping[int, Sequence[Stored]]
    ) -> tuple[Followed, Changes, Sequence[Poison]]:
        """Store a batch's changes, or else each stream's; with the streams that wait from now on."""
        try:
            with self._connection.transaction():
                store(self._connection, self._copying, one.name, changes)
        except Exception as error:
            if not is_refusal(error):
                raise
            changes, refused = self._folder.fold_alone(one, events, self.keep(one.name))
            self._copying.begin_again()
            store(self._connection, self._copying, one.name, changes)
            # Of one stream the later is the earlier event: what could not be folded before is not reached any more.
            poisons = list({poison.scope: poison for poison in (*poisons, *refused)}.values())
        return one, changes, poisons

    def keep(self, name: str) -> Keep:
        """Stores one stream's rows in a schema, or only tries to."""

        def keep(rows: Rows, last: bool) -> None:
            self._copying.begin_again()
            changes = written(rows)
            with self._connection.transaction(force_rollback=not last):
                store(self._connection, self._copying, name, changes)

        return keep
