"""Exports of a company's log: asked for by its people, made and ended by the exporter."""

from collections.abc import Mapping
from datetime import datetime

from domain.ids import MemberId, ProcedureId, RunId
from domain.procedures.state import Procedure
from domain.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from domain.runs.state import Run
from domain.tenants import export_events as e
from domain.tenants.exports import Export, Exports
from domain.tenants.member import Member
from domain.tenants.permissions import ADMINS
from domain.tenants.state import Tenant

MOST_WAITING = 10
"""Exports of a company that are asked for and not made."""


class TooManyExports(Refusal):
    """As many exports as a company may ask for at a time are not made yet."""

    code = "too_many_exports"


class ErasedMeanwhile(Refusal):
    """Somebody was erased while the export was made, which may show them: it is made anew."""

    code = "erased_meanwhile"


def ask(
    tenant: Tenant,
    asked: e.ExportAsked,
    procedures: Mapping[ProcedureId, Procedure],
    runs: Mapping[RunId, Run],
) -> list[e.ExportEvent]:
    """Ask for an export of everything, of a period, of a procedure with its runs, or of a run."""
    if asked.procedure is not None and asked.run is not None:
        raise InvalidInput("expected a procedure, a run, or neither to export, but got both", field="run")
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise InvalidInput("expected the end of the period after its beginning, but it is not", field="until")
    if asked.procedure is not None and asked.procedure not in procedures:
        raise NotFound("expected a procedure of the company, but there is none of that id")
    if asked.run is not None and (asked.run not in runs or runs[asked.run].status == "none"):
        raise NotFound("expected a run of the company, but there is none of that id")
    if tenant.exports.waiting >= MOST_WAITING:
        raise TooManyExports(f"expected fewer than {MOST_WAITING} exports that are not made yet, but there are so many")
    return [asked]


def cancel(exports: Exports, export: str, by: Member) -> list[e.ExportEvent]:
    """Have it no more, made or not: an auditor what they asked for themselves, others any."""
    if export in exports.over:
        return []
    found = _open(exports, export)
    if found.by != by.id and by.permission not in ADMINS:
        raise NotPermitted("expected an admin, an owner, or who asked for an export to cancel it, but it is another")
    return [e.ExportCancelled(export)]


def finish(exports: Exports, made: e.ExportMade, erasures: int) -> list[e.ExportEvent]:
    """The bundle is there; `erasures` is how many people had been erased before its events were read."""
    if made.export in exports.over:
        return []
    if _open(exports, made.export).sha256 is not None:
        return []
    if exports.erasures != erasures:
        raise ErasedMeanwhile("expected nobody to be erased while an export is made, but somebody was")
    return [made]


def fail(exports: Exports, export: str, code: e.Failure) -> list[e.ExportEvent]:
    """There will be no bundle."""
    if export in exports.over or _open(exports, export).sha256 is not None:
        return []
    return [e.ExportFailed(export, code)]


def expire(exports: Exports, export: str, at: datetime) -> list[e.ExportEvent]:
    """What was made is over when its time is, or when it shows somebody who was erased since."""
    if export in exports.over:
        return []
    found = _open(exports, export)
    if found.stale:
        return [e.ExportExpired(export, "erasure")]
    return [e.ExportExpired(export, "time")] if is_over(found, at) else []


def downloaded(exports: Exports, export: str, member: MemberId, *, anew: bool) -> list[e.ExportEvent]:
    """A member downloads it: `anew` from its beginning, or a part, which tells nothing new of who began already."""
    found = _open(exports, export)
    if found.sha256 is None or (member in found.heard and not anew):
        return []
    return [e.ExportDownloaded(export, member, found.sha256)]


def is_over(export: Export, at: datetime) -> bool:
    """True once nobody may have it any more, whether or not the exporter came by."""
    return export.stale or (export.expires_at is not None and at >= export.expires_at)


def _open(exports: Exports, export: str) -> Export:
    found = exports.open.get(export)
    if found is None:
        raise NotFound("expected an export of the company, but there is none of that id")
    return found
