"""What an export is of, and how it is written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from domain.tenants.export_events import Format

FORMATS: tuple[Format, ...] = get_args(Format)
"""Views beside the evidence, which is always there."""
MINING = frozenset({"ocel", "ocel-sqlite", "xes"})
"""Those for process mining."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events of a company, and which views of them.

    `since` and `until` (exclusive) are instants of recording; `procedure` or `run` leaves out what is not of them.
    `lang` is that of the report; without `personal` the views leave personal data out. `checkpoint` is the size to
    export up to, None for the newest.
    """

    tenant: str
    formats: tuple[Format, ...] = FORMATS
    since: datetime | None = None
    until: datetime | None = None
    procedure: str | None = None
    run: str | None = None
    lang: Literal["ja", "en"] = "ja"
    personal: bool = True
    checkpoint: int | None = None

    @property
    def whole(self) -> bool:
        """True when every event up to the checkpoint is wanted: then the bundle proves that it is complete."""
        return (self.since, self.until, self.procedure, self.run) == (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for the export, and when: what export.json says beside its parameters."""

    by: str
    by_name: str
    at: datetime
    id: str
