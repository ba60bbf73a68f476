"""The views for process mining: events in their order, then runs one by one, then all that they touched."""

from collections.abc import Sequence
from contextlib import ExitStack

from domain.events import Event, Meta
from infra.read_store.folding import Stored
from services.exports.bag import Payload
from services.exports.flat import NAMED, Names
from services.exports.ocel import Objects, OcelObject
from services.exports.ocel_json import OcelJson
from services.exports.ocel_sqlite import OcelSqlite
from services.exports.source import Part, Source
from services.exports.wanted import Wanted
from services.exports.xes import Xes

Stream = Sequence[tuple[Event, Meta]]
A_BATCH = 1_000
"""Objects written at once."""
SQLITE = "views/ocel.sqlite"


def mine(log: Source, part: Part, wanted: Wanted, payload: Payload) -> None:
    """Write those that are wanted."""
    with ExitStack() as files:
        mining = Mining(payload, wanted, files)
        for stored in log.in_sequence(part):
            mining.events(log, stored)
        mining.no_more_events()
        for run in log.streams(part, "run."):
            mining.run(run, part)
        mining.close()


class Mining:
    """Writes them; `close` them."""

    def __init__(self, payload: Payload, wanted: Wanted, files: ExitStack) -> None:
        self._payload = payload
        self._names = Names()
        self._objects = Objects(wanted.tenant, personal=wanted.personal)
        self._runs: list[OcelObject] = []
        self._json = self._sqlite = self._xes = None
        if "ocel" in wanted.formats:
            self._json = OcelJson(files.enter_context(payload.file("views/ocel.json")))
        if "ocel-sqlite" in wanted.formats:
            self._sqlite = OcelSqlite(payload.path(SQLITE))
        if "xes" in wanted.formats:
            file = files.enter_context(payload.file("views/runs.xes"))
            self._xes = Xes(file, self._names, personal=wanted.personal)
        self._ocel = [one for one in (self._json, self._sqlite) if one]

    def events(self, log: Source, stored: Sequence[Stored]) -> None:
        """The next events, in order."""
        if not self._ocel:
            stored = [one for one in stored if one[5] in NAMED]
        pairs = log.opened(stored)
        for event, meta in pairs:
            self._names.see(event, meta)
        told = [self._objects.event(event, meta) for event, meta in pairs] if self._ocel else []
        for ocel in self._ocel:
            ocel.events(told)

    def no_more_events(self) -> None:
        """Runs follow."""
        if self._json:
            self._json.no_more_events()

    def run(self, pairs: Stream, part: Part) -> None:
        """A run with events in the part, all of it."""
        if self._xes:
            self._xes(pairs, [pair for pair in pairs if part.holds(pair[1])])
        if self._ocel:
            self._runs.append(self._objects.run(pairs))
            if len(self._runs) >= A_BATCH:
                self._write(self._runs)
                self._runs = []

    def close(self) -> None:
        """What is left, and the ends of files."""
        self._write([*self._runs, *self._objects.few()])
        if self._xes:
            self._xes.close()
        if self._json:
            self._json.close()
        if self._sqlite:
            self._sqlite.close()
            self._payload.keep(SQLITE)

    def _write(self, some: Sequence[OcelObject]) -> None:
        for ocel in self._ocel:
            ocel.objects(some)
