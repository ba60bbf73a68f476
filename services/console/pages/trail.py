"""The audit trail (監査証跡): each event as a sentence, found by who, whom, what, when and why."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from domain.services import SERVICES
from queries.role_titles import role_titles
from queries.trail import TrailFilter, TrailRow, trail
from services.console.event_words import event_word
from services.console.moments import NotUnderstood, day_text, read_day, start_of
from services.console.places import A_PAGE, a_number, read_place
from services.console.rendering import page as render
from services.console.sentences import SENTENCES
from services.console.telling import WITH_DETAILS, Telling, day_reader, moment_reader, service_name
from services.console.visit import Visit
from services.dossier import definitions_of

MOST_TEXT = 200


class Told(NamedTuple):
    """An entry, the short name of its type, its sentence, and what else it holds."""

    entry: TrailRow
    kind: str
    sentence: Markup
    details: list[tuple[str, str]]


async def page(visit: Visit) -> Response:
    """The page. Raises NotUnderstood."""
    entries = await trail(
        visit.deps.ask,
        visit.tenant_id,
        where=_where(visit),
        limit=A_PAGE + 1,
        after=read_place(visit.text("after"), a_number),
        as_of=visit.as_of,
    )
    shown = entries[:A_PAGE]
    services = [(service.id, service_name(service, visit.lang)) for service in SERVICES.values()]
    return render(
        visit,
        "trail.html",
        entries=await tell(visit, shown),
        types=[(kind, event_word(kind, visit.lang)) for kind in SENTENCES],
        people=sorted([*visit.names.items(), *services], key=lambda person: person[1]),
        more=visit.here(after=shown[-1].seq) if len(entries) > A_PAGE else None,
    )


async def tell(visit: Visit, entries: Sequence[TrailRow]) -> list[Told]:
    """Entries in words."""
    deps, tenant = visit.deps, visit.tenant_id
    kinds = {entry.type for entry in entries}
    versions = {(e.procedure_id, e.procedure_version) for e in entries if e.procedure_id and e.procedure_version}
    telling = Telling(
        visit.lang,
        visit.names,
        moment_reader(visit.moment),
        day_reader(partial(day_text, lang=visit.lang)),
        await role_titles(deps.ask, tenant, as_of=visit.as_of) if "tenant.role_holders_set" in kinds else {},
        await definitions_of(deps.streams, tenant, versions) if kinds & WITH_DETAILS else {},
    )
    return [
        Told(entry, event_word(entry.type, visit.lang), telling.sentence(entry), telling.details(entry))
        for entry in entries
    ]


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
