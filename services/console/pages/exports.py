"""Exports (書き出し): what was asked for and by whom, how far it is, how to fetch it, and who did."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from projections.exports import ASKED
from queries.export_progress import ExportProgress, export_progress
from queries.exports import ExportRow, exports
from queries.trail import TrailFilter, trail
from services.console.asked import procedures_of
from services.console.places import A_PAGE, a_number, a_page, read_place
from services.console.rendering import page as render
from services.console.visit import Visit

MOST_DOWNLOADS = 500
DOWNLOADED = ("tenant.export_downloaded",)
UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Download:
    """Who began to fetch an export, when, by which event."""

    name: str | None
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An export, how far it is while it is made, how large, and who fetched it, the latest first."""

    export: ExportRow
    progress: ExportProgress | None
    size: str
    downloads: list[Download]


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    found = await exports(
        visit.deps.ask,
        visit.tenant_id,
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_number),
        as_of=visit.as_of,
    )
    shown, more = a_page(visit, found)
    fetched = await _downloads(visit, shown[-1].seq) if shown else {}
    return render(
        visit,
        "exports.html",
        rows=[
            Shown(row, await _progress(visit, row), size_text(row.bytes or 0), fetched.get(row.export, []))
            for row in shown
        ],
        more=more,
        names=visit.names,
        titles=await procedures_of(visit),
    )


async def _progress(visit: Visit, row: ExportRow) -> ExportProgress | None:
    """How far it is now; the past has no progress."""
    if row.status != ASKED or visit.as_of is not None:
        return None
    return await export_progress(visit.deps.ask, visit.tenant_id, row.export)


async def _downloads(visit: Visit, first: int) -> dict[str, list[Download]]:
    """The latest downloads by their exports, of those asked for from the sequence `first` on."""
    where = TrailFilter(stream=visit.tenant_id, types=DOWNLOADED, first=first)
    entries = await trail(visit.deps.ask, visit.tenant_id, where=where, limit=MOST_DOWNLOADS, as_of=visit.as_of)
    found: dict[str, list[Download]] = {}
    for entry in entries:
        download = Download(entry.member_name, entry.recorded_at, entry.seq)
        found.setdefault((entry.new or {}).get("export", ""), []).append(download)
    return found


def size_text(count: int) -> str:
    """Bytes as people say them: 1.4 MB, in powers of a thousand."""
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if unit == 0 or size >= 99.5 else f"{size:.1f} {UNITS[unit]}"
