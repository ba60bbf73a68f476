"""Reads (閲覧記録): what auditors looked at, the newest first."""

from datetime import UTC, datetime

from starlette.responses import Response

from queries.reads import ReadPlace, reads
from services.console.moments import NotUnderstood
from services.console.rendering import page as render
from services.console.visit import Visit, read_uuid

A_PAGE = 100


async def page(visit: Visit) -> Response:
    """The page; it is about now, whatever instant is shown elsewhere. Raises NotUnderstood."""
    found = await reads(
        visit.deps.ask,
        visit.tenant_id,
        member=visit.uuid("member"),
        limit=A_PAGE + 1,
        after=_after(visit.text("after")),
    )
    shown = found[:A_PAGE]
    return render(
        visit,
        "reads.html",
        reads=[(read, sorted(read.asked.items())) for read in shown],
        more=visit.here(after=_text(shown[-1].after)) if len(found) > A_PAGE else None,
    )


def _after(text: str | None) -> ReadPlace | None:
    """The place that `_text` wrote. Raises NotUnderstood."""
    if text is None:
        return None
    at, _, read = text.partition("_")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), read_uuid(read)
    except (ValueError, OverflowError):
        raise NotUnderstood(text) from None


def _text(place: ReadPlace) -> str:
    return f"{place[0].isoformat()}_{place[1]}"
