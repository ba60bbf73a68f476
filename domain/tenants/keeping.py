"""What a company must keep, for how long, and whether it is leaving: folded from its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from domain.ids import MemberId, ProcedureId, RunId
from domain.tenants import erasure_events as e

EVERY_OTHER = ProcedureId("")
"""Stands for the procedures that have no retention of their own."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on a member, on a run, or (neither) on everything."""

    member: MemberId | None
    run: RunId | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """Holds by their ids, years of retention by procedure, and the company's end."""

    holds: Mapping[str, Hold] = field(default_factory=dict)
    years: Mapping[ProcedureId, int] = field(default_factory=dict)
    keys_until: datetime | None = None
    closed: bool = False

    def holding(self, member: MemberId | None = None, run: RunId | None = None) -> str | None:
        """The id of a hold that stands in the way of erasing a member or a run; None when none does."""
        return next((name for name, hold in self.holds.items() if _is_about(hold, member, run)), None)

    def kept_until(self, procedure: ProcedureId, ended_on: date) -> date | None:
        """The first day on which nothing asks any more to keep a run that ended on a day; None when nothing does."""
        years = self.years.get(procedure, self.years.get(EVERY_OTHER))
        return None if years is None else years_after(ended_on, years)


def years_after(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, in other years, 1 March: a period is never cut short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _is_about(hold: Hold, member: MemberId | None, run: RunId | None) -> bool:
    if hold.member is None and hold.run is None:
        return True
    return (member is not None and hold.member == member) or (run is not None and hold.run == run)


def keeping_after(event: e.ErasureEvent, keeping: Keeping) -> Keeping:
    """What is kept after one more event."""
    return RULES[type(event)](event, keeping)


def _held(event: e.HoldSet, keeping: Keeping) -> Keeping:
    return replace(keeping, holds={**keeping.holds, event.hold: Hold(event.member, event.run)})


def _released(event: e.HoldReleased, keeping: Keeping) -> Keeping:
    return replace(keeping, holds={name: hold for name, hold in keeping.holds.items() if name != event.hold})


def _retained(event: e.RetentionSet, keeping: Keeping) -> Keeping:
    name = event.procedure or EVERY_OTHER
    others = {procedure: years for procedure, years in keeping.years.items() if procedure != name}
    return replace(keeping, years=others if event.new is None else {**others, name: event.new})


RULES: Mapping[type, Callable[[Any, Keeping], Keeping]] = {
    e.PersonErased: lambda _, keeping: keeping,
    e.HoldSet: _held,
    e.HoldReleased: _released,
    e.RetentionSet: _retained,
    e.EndAnnounced: lambda event, keeping: replace(keeping, keys_until=event.keys_until),
    e.EndWithdrawn: lambda _, keeping: replace(keeping, keys_until=None),
    e.TenantClosed: lambda _, keeping: replace(keeping, closed=True),
}
