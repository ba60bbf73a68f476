"""Exports of a company's log, as its events left them: what is asked for, what is there, what is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from domain.ids import MemberId
from domain.tenants import export_events as e

Over = Literal["failed", "cancelled", "expired"]
"""How an export ended."""


@dataclass(frozen=True, slots=True)
class Export:
    """One that is asked for, or there: then it has a digest. `stale`: it shows somebody who was erased since.

    `heard` are those who have begun to download it.
    """

    by: MemberId
    personal: bool
    sha256: str | None = None
    bytes: int = 0
    expires_at: datetime | None = None
    stale: bool = False
    heard: frozenset[MemberId] = frozenset()


@dataclass(frozen=True, slots=True)
class Exports:
    """Those that are not over by their ids, and how the others ended; `erasures` counts people who were erased."""

    open: Mapping[str, Export] = field(default_factory=dict)
    over: Mapping[str, Over] = field(default_factory=dict)
    erasures: int = 0

    @property
    def waiting(self) -> int:
        """How many are asked for and not made."""
        return sum(export.sha256 is None for export in self.open.values())

    def changed(self, export: str, **changes: Any) -> "Exports":
        """The same, with an open one changed."""
        return replace(self, open={**self.open, export: replace(self.open[export], **changes)})

    def ended(self, export: str, how: Over) -> "Exports":
        """The same, with one over."""
        left = {name: one for name, one in self.open.items() if name != export}
        return replace(self, open=left, over={**self.over, export: how})

    def after_erasure(self) -> "Exports":
        """The same, once somebody was erased: what was made before may show them."""
        marked = {name: replace(one, stale=one.sha256 is not None and one.personal) for name, one in self.open.items()}
        return replace(self, open=marked, erasures=self.erasures + 1)


def exports_after(event: e.ExportEvent, exports: Exports) -> Exports:
    """Exports after one more event."""
    return RULES[type(event)](event, exports)


def _asked(event: e.ExportAsked, exports: Exports) -> Exports:
    return replace(exports, open={**exports.open, event.export: Export(event.by, event.personal)})


def _made(event: e.ExportMade, exports: Exports) -> Exports:
    return exports.changed(event.export, sha256=event.sha256, bytes=event.bytes, expires_at=event.expires_at)


def _heard(event: e.ExportDownloaded, exports: Exports) -> Exports:
    return exports.changed(event.export, heard=exports.open[event.export].heard | {event.member})


RULES: Mapping[type, Callable[[Any, Exports], Exports]] = {
    e.ExportAsked: _asked,
    e.ExportMade: _made,
    e.ExportFailed: lambda event, exports: exports.ended(event.export, "failed"),
    e.ExportCancelled: lambda event, exports: exports.ended(event.export, "cancelled"),
    e.ExportExpired: lambda event, exports: exports.ended(event.export, "expired"),
    e.ExportDownloaded: _heard,
}
