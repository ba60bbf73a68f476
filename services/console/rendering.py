"""Pages as HTML: escaped by default, with headers that let them do nothing but be looked at."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from services.console.bars import step_bar
from services.console.moments import day_text, distance_text, month_text, span_text
from services.console.visit import Visit
from services.console.words import PERMISSIONS, PLANS, Lang, term, word

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NAVIGATION: Mapping[str, Mapping[str, str]] = {
    "nav_work": {
        "": "read_dashboards",
        "due": "read_dashboards",
        "tasks": "read_own_tasks",
        "subjects": "read_dashboards",
    },
    "nav_figures": {"flow": "read_dashboards", "load": "read_load", "dependence": "read_load"},
    "nav_records": {
        "trail": "read_trail",
        "seats": "read_seats",
        "evidence": "read_evidence",
        "reads": "read_reads",
        "exports": "read_exports",
        "projections": "read_projections",
    },
}
"""The pages in the navigation, by their paths, and what they need; in groups, each under its word."""

STATIC = {
    "console.css": "text/css; charset=utf-8",
    "fresh.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
LIVE = {
    **HEADERS,
    "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'",
}
"""A page that refreshes itself may run our one script, which may ask this server: nothing else, and nothing inline."""

templates = Environment(
    loader=PackageLoader("services.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals["step_bar"] = step_bar


def page(visit: Visit, template: str, *, live: str | None = None, **data: object) -> HTMLResponse:
    """A page for a visitor; `live` is the address of the feed that it refreshes itself by."""
    lang = visit.lang
    known: Mapping[str, object] = {
        "v": visit,
        "day": partial(_day, lang=lang),
        "month_name": partial(month_text, lang=lang),
        "moment": partial(_moment, visit),
        "distance": partial(distance_text, today=visit.today, lang=lang),
        "permission": partial(term, PERMISSIONS, lang),
        "plan_name": partial(term, PLANS, lang),
        "navigation": _navigation(visit),
        "span": partial(span_text, lang=lang),
        "as_of_value": visit.at.astimezone(visit.zone).strftime("%Y-%m-%dT%H:%M") if visit.as_of else "",
    }
    return _respond(template, lang, 200, {**known, "live": live, **data}, LIVE if live else HEADERS)


def notice(lang: Lang, status: int, key: str, text: str, **data: object) -> HTMLResponse:
    """A page for a visitor who can see nothing here; the same whoever asks."""
    return _respond("notice.html", lang, status, {"key": key, "text": text, "v": None, "live": None, **data})


def static(name: str) -> Response | None:
    """A file that pages use; None when there is none of that name."""
    if name not in STATIC:
        return None
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(_read(name), media_type=STATIC[name], headers=headers)


def _navigation(visit: Visit) -> list[tuple[str, list[str]]]:
    """The groups with the paths that the visitor may follow; without those that would be empty."""
    groups = [
        (group, [path for path, needs in pages.items() if visit.may(needs)]) for group, pages in NAVIGATION.items()
    ]
    return [(group, paths) for group, paths in groups if paths]


def _respond(
    template: str, lang: Lang, status: int, data: Mapping[str, Any], headers: Mapping[str, str] = HEADERS
) -> HTMLResponse:
    known = {"lang": lang, "w": partial(word, lang), "static": _static_url}
    text = templates.get_template(template).render({**known, **data})
    return HTMLResponse(text, status, headers)


def _day(day: date | None, lang: Lang) -> str:
    return day_text(day, lang) if day else "—"


def _moment(visit: Visit, at: datetime | None) -> str:
    return visit.moment(at.astimezone(UTC)) if at else "—"


@cache
def _read(name: str) -> bytes:
    return files("services.console").joinpath("static", name).read_bytes()


@cache
def _static_url(name: str) -> str:
    """The address of a file; it changes with the file, so that browsers may keep it."""
    return f"/console/static/{name}?v={sha256(_read(name)).hexdigest()[:12]}"
