"""The views of an export: made of the same events as the evidence, each as far as it is wanted."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import Event, Meta
from domain.runs.events import RunStarted
from services.exports.bag import Bag
from services.exports.counting import Counting
from services.exports.flat import Names, flat
from services.exports.ocel import Objects, OcelObject
from services.exports.ocel_json import OcelJson
from services.exports.ocel_sqlite import OcelSqlite
from services.exports.sheet import Sheet
from services.exports.source import Part
from services.exports.wanted import Wanted
from services.exports.xes import Xes

Pairs = Sequence[tuple[Event, Meta]]
A_BATCH = 1_000
"""Objects written at once."""


class Views:
    """Writes them: first all events in their order, then stream by stream, then what is left."""

    def __init__(self, bag: Bag, wanted: Wanted, zone: ZoneInfo, stack: ExitStack) -> None:
        self._bag, self._wanted = bag, wanted
        self._names = Names()
        self._objects = Objects(wanted.tenant, personal=wanted.personal)
        self._runs: list[OcelObject] = []
        self._tables: list[Any] = []
        self._ocel: list[OcelJson | OcelSqlite] = []
        self._files: list[str] = []
        self.counting = Counting()
        if "csv" in wanted.formats:
            self._tables.append(Sheet(stack.enter_context(bag.file("views/events.csv")), zone))
        if "parquet" in wanted.formats:
            from services.exports.columns import Columns

            self._tables.append(Columns(self._path("views/events.parquet")))
        if "ocel" in wanted.formats:
            self._ocel.append(OcelJson(stack.enter_context(bag.file("views/ocel.json"))))
        if "ocel-sqlite" in wanted.formats:
            self._ocel.append(OcelSqlite(self._path("views/ocel.sqlite")))
        self._xes: Xes | None = None
        if "xes" in wanted.formats:
            self._xes = Xes(stack.enter_context(bag.file("views/runs.xes")), self._names, personal=wanted.personal)

    @property
    def wants_events(self) -> bool:
        """Whether events have to be opened at all."""
        return bool(self._tables or self._ocel or self._xes or "pdf" in self._wanted.formats)

    @property
    def wants_streams(self) -> bool:
        """Whether runs have to be told one by one."""
        return bool(self._ocel or self._xes)

    def events(self, pairs: Pairs) -> None:
        """The next events, in order."""
        for event, meta in pairs:
            self._names.see(event, meta)
        self.counting(pairs)
        if self._tables:
            records = [flat(event, meta, self._names, personal=self._wanted.personal) for event, meta in pairs]
            for table in self._tables:
                table(records)
        if self._ocel:
            told = [self._objects.event(event, meta) for event, meta in pairs]
            for ocel in self._ocel:
                ocel.events(told)

    def no_more_events(self) -> None:
        """Streams follow."""
        for ocel in self._ocel:
            if isinstance(ocel, OcelJson):
                ocel.no_more_events()

    def stream(self, pairs: Pairs, part: Part) -> None:
        """A stream with events in the part, all of it."""
        if type(pairs[0][0]) is not RunStarted:
            return
        if self._xes:
            self._xes(pairs, [pair for pair in pairs if part.holds(pair[1])])
        if self._ocel:
            self._runs.append(self._objects.run(pairs))
            if len(self._runs) >= A_BATCH:
                self._write_objects(self._runs)
                self._runs = []

    def close(self) -> None:
        """What is left, and the ends of files."""
        self._write_objects([*self._runs, *self._objects.few()])
        for ending in (*self._tables, *self._ocel, *((self._xes,) if self._xes else ())):
            if hasattr(ending, "close"):
                ending.close()
        for name in self._files:
            self._bag.keep(name)

    def name_of(self, member: str | None) -> str:
        """How somebody is called, as far as the events say."""
        return self._names.of(member) or "—"

    def _write_objects(self, some: Sequence[OcelObject]) -> None:
        for ocel in self._ocel:
            ocel.objects(some)

    def _path(self, name: str) -> Any:
        self._files.append(name)
        return self._bag.path(name)
