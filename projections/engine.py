"""What a projection is: a named, versioned fold from events to keyed rows.

A fold sees one scope at a time: the rows that one stream's events made. So a projection can be run live, batch by
batch, with only the touched scopes in memory; rebuilt stream by stream, in any order and in parallel; and folded up
to an instant, for one run or a whole tenant. Folds look nothing up: no clock, no other stream.

What concerns many streams is a *tally*: rows whose numbers are sums over all of a tenant's streams. A fold counts what
happens, and says what a stream's rows stand for; the engine adds up the differences (docs/decisions/029).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, cast

from domain.events import Event, Meta
from projections.tallying import Sums, counted


class Row:
    """A read model's row: a mutable dataclass whose fields are the table's columns, in order.

    `scope` is the column that holds the stream's id, `key` what tells the scope's rows apart. A `ledger`'s rows
    are only ever added, so they are never read back; its column `seq` names the event that added them. `personal`
    columns hold what is sealed under keys of runs: of a company that was closed there are none any more.
    """

    table: ClassVar[str]
    scope: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    ledger: ClassVar[bool] = False
    personal: ClassVar[tuple[str, ...]] = ()


class Tally(Row):
    """A row of sums over all of a tenant's streams: `tenant_id`, the columns of `key`, then whole numbers to add.

    It is there while a number in it is not 0. Nothing of the key may be None. Rows are only counted, never read back.
    """

    scope: ClassVar[str] = "tenant_id"


R = TypeVar("R", bound=Row)
Key = Any
"""() for a scope's only row, one value, or a tuple of them: as `key_of` gives it."""

Handler = Callable[["Rows", Any, Meta], None]
Finish = Callable[["Rows"], None]
Standing = Callable[["Rows"], Iterable[Tally]]


def key_of(table: type[Row]) -> Callable[[Row], Key]:
    """What a row is found by within its scope."""
    return attrgetter(*table.key) if table.key else lambda _: ()


class Rows:
    """The rows of one scope, and which of them changed since `settle`.

    `aside` is for what a fold keeps beside them to be quick, and can make of them anew: it is never stored. `sums` is
    what tallies are to grow by, `stood` what the rows stood for in them when that was last added up (None: unknown).
    """

    __slots__ = ("_keys", "added", "aside", "changed", "dropped", "held", "stood", "sums")

    def __init__(
        self,
        tables: Sequence[type[Row]],
        keys: Mapping[type[Row], Callable[[Row], Key]],
        sums: Sums | None = None,
    ) -> None:
        self.held: dict[type[Row], dict[Key, Row]] = {table: {} for table in tables}
        self.changed: dict[type[Row], dict[Key, Row]] = {}
        self.dropped: dict[type[Row], dict[Key, Row]] = {}
        self.added: list[Row] = []
        self.aside: dict[str, Any] = {}
        self.sums = Sums() if sums is None else sums
        self.stood: Sums | None = Sums()
        self._keys = keys

    def add(self, row: Row) -> None:
        """Add a row, or replace the one of its key."""
        table = type(row)
        if table.ledger:
            self.added.append(row)
            return
        key = self._keys[table](row)
        self.held[table][key] = row
        self.changed.setdefault(table, {})[key] = row
        if table in self.dropped:
            self.dropped[table].pop(key, None)

    def get(self, table: type[R], key: Key = ()) -> R | None:
        """A row to look at, when there is one."""
        return cast("R | None", self.held[table].get(key))

    def change(self, table: type[R], key: Key = ()) -> R:
        """A row to change; KeyError when there is none."""
        row = self.held[table][key]
        self.changed.setdefault(table, {})[key] = row
        return cast("R", row)

    def all(self, table: type[R]) -> Iterable[R]:
        """Every row of the scope in a table, to look at."""
        return cast("Iterable[R]", self.held[table].values())

    def drop(self, table: type[R], key: Key = ()) -> None:
        """Take a row away, when it is there."""
        row = self.held[table].pop(key, None)
        if row is not None:
            self.changed.get(table, {}).pop(key, None)
            self.dropped.setdefault(table, {})[key] = row

    def count(self, row: Tally) -> None:
        """Add to a tally what has happened, once and for all."""
        self.sums.count(row)

    def load(self, row: Row) -> None:
        """Hold a row that was stored before."""
        self.stood = None
        self.held[type(row)][self._keys[type(row)](row)] = row

    def settle(self) -> None:
        """What changed is stored now."""
        self.changed = {}
        self.dropped = {}
        self.added = []
        self.sums = Sums()


@dataclass
class Projection:
    """A fold with the tables it owns. Change `version` whenever the fold or a table changes: it is then rebuilt.

    `ddl` makes the tables in the schema named like the projection; `kinds` are the stream kinds it reads.
    """

    name: str
    version: int
    tables: Sequence[type[Row]]
    ddl: str
    handlers: dict[type, Handler] = field(default_factory=dict)
    finish: Finish | None = None
    standing: Standing | None = None

    def __post_init__(self) -> None:
        self._keys = {table: key_of(table) for table in self.tables}
        self.held = tuple(table for table in self.tables if not table.ledger and not issubclass(table, Tally))
        self.tallies = tuple(table for table in self.tables if issubclass(table, Tally))

    def on(self, *kinds: type) -> Callable[[Handler], Handler]:
        """Register the fold of some event types."""

        def register(handler: Handler) -> Handler:
            for kind in kinds:
                self.handlers[kind] = handler
            return handler

        return register

    def finally_(self, finish: Finish) -> Finish:
        """Register what is derived from a scope's rows: called once for each touched scope before it is stored.

        It must give the same rows whether it is called after every event or only after the last.
        """
        self.finish = finish
        return finish

    def stands_for(self, standing: Standing) -> Standing:
        """Register what a scope's rows stand for in tallies: a pure function of them.

        When they change, what they stood for is taken away from the tallies, and what they stand for is added.
        """
        self.standing = standing
        return standing

    @property
    def types(self) -> list[str]:
        """The names of the event types that it folds."""
        return sorted(kind.type for kind in self.handlers)  # type: ignore[attr-defined]  # every event has one

    @property
    def is_ledger(self) -> bool:
        """True when rows are only added or counted: there is nothing to load before folding."""
        return not self.held

    def rows(self, sums: Sums | None = None) -> Rows:
        """An empty scope; what it counts until it is settled goes to `sums`, where they are given."""
        return Rows(self.held, self._keys, sums)

    def fold(self, rows: Rows, events: Iterable[tuple[Event, Meta]]) -> Rows:
        """Fold a scope's events into its rows; types it does not know leave them as they are."""
        if rows.stood is None:
            rows.stood = self._stands(rows)
        handlers = self.handlers
        for event, meta in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(rows, event, meta)
        self.end(rows)
        return rows

    def end(self, rows: Rows) -> None:
        """What is left to do when a scope's events are folded: what is derived, and the difference to the tallies."""
        if self.finish is not None:
            self.finish(rows)
        if self.standing is None or rows.stood is None or not (rows.changed or rows.dropped):
            return
        stands = self._stands(rows)
        rows.sums.change(rows.stood, stands)
        rows.stood = stands

    def _stands(self, rows: Rows) -> Sums:
        return counted(self.standing(rows)) if self.standing is not None else Sums()
