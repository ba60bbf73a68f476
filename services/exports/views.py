"""Views that are made of the events in their order: tables, and what the report counts."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import Event, Meta
from infra.read_store.folding import Stored
from services.exports.bag import Bag
from services.exports.counting import Counting
from services.exports.flat import Names, flat
from services.exports.sheet import Sheet
from services.exports.source import Source
from services.exports.wanted import Wanted

PARQUET = "views/events.parquet"


class Views:
    """Writes them, each as far as it is wanted; `close` them."""

    def __init__(self, bag: Bag, wanted: Wanted, zone: ZoneInfo, stack: ExitStack) -> None:
        self._bag, self._wanted = bag, wanted
        self._names = Names()
        self._tables: list[Any] = []
        self._columns: Any = None
        self.counting = Counting()
        if "csv" in wanted.formats:
            self._tables.append(Sheet(stack.enter_context(bag.file("views/events.csv")), zone))
        if "parquet" in wanted.formats:
            from services.exports.columns import Columns

            self._columns = Columns(bag.path(PARQUET))
            self._tables.append(self._columns)

    def __call__(self, log: Source, stored: Sequence[Stored]) -> None:
        """The next events, in order; they are opened where somebody looks into them."""
        self.counting.stored(stored)
        if self._tables or "pdf" in self._wanted.formats:
            self._events(log.opened(stored))

    def _events(self, pairs: Sequence[tuple[Event, Meta]]) -> None:
        for event, meta in pairs:
            self._names.see(event, meta)
        self.counting.opened(pairs)
        if self._tables:
            records = [flat(event, meta, self._names, personal=self._wanted.personal) for event, meta in pairs]
            for table in self._tables:
                table(records)

    def close(self) -> None:
        """The ends of files."""
        if self._columns:
            self._columns.close()
            self._bag.keep(PARQUET)

    def name_of(self, member: str | None) -> str:
        """How somebody is called, as far as the events say."""
        return self._names.of(member) or "—"
