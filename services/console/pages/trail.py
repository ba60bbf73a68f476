"""The audit trail (監査証跡): each event as a sentence, found by who, whom, what, when and why."""

from datetime import date, datetime, timedelta
from functools import partial

from starlette.responses import Response

from queries.trail import TrailFilter, trail
from services.console.event_words import event_word
from services.console.moments import NotUnderstood, day_text, read_day, start_of
from services.console.rendering import page as render
from services.console.sentences import SENTENCES, details, sentence
from services.console.visit import Visit

A_PAGE = 50
MOST_TEXT = 200


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    entries = await trail(
        visit.deps.ask,
        visit.tenant_id,
        where=_where(visit),
        limit=A_PAGE + 1,
        after=_sequence(visit.text("after")),
        as_of=visit.as_of,
    )
    shown = entries[:A_PAGE]
    say = partial(
        sentence,
        lang=visit.lang,
        names=visit.names,
        moment=lambda text: visit.moment(datetime.fromisoformat(text)),
        day=lambda text: day_text(date.fromisoformat(text), visit.lang),
    )
    return render(
        visit,
        "trail.html",
        entries=[(entry, event_word(entry.type, visit.lang), say(entry), details(entry)) for entry in shown],
        types=[(kind, event_word(kind, visit.lang)) for kind in SENTENCES],
        people=sorted(visit.names.items(), key=lambda person: person[1]),
        more=visit.here(after=shown[-1].seq) if len(entries) > A_PAGE else None,
    )


def _where(visit: Visit) -> TrailFilter:
    since, until = read_day(visit.query.get("since", "")), read_day(visit.query.get("until", ""))
    kind = visit.choice("type", *SENTENCES)
    return TrailFilter(
        stream=visit.uuid("stream"),
        actor=visit.uuid("actor"),
        member=visit.uuid("member"),
        types=(kind,) if kind else None,
        since=start_of(since, visit.zone) if since else None,
        until=_end_of(until, visit) if until else None,
        reason=(visit.text("reason") or "")[:MOST_TEXT] or None,
    )


def _end_of(day: date, visit: Visit) -> datetime:
    try:
        return start_of(day + timedelta(days=1), visit.zone)
    except OverflowError:
        raise NotUnderstood(day.isoformat()) from None


def _sequence(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotUnderstood(text)
    return int(text)
