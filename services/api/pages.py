"""Pages for people: the API's reference and its problems. Server-rendered; they load nothing from anywhere."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from markdown_it import MarkdownIt
from markupsafe import Markup

from domain.refusals import NotFound
from services.api.answers import encode
from services.api.call import JSON, Answer, Call
from services.api.endpoint import OPEN, Endpoint
from services.api.openapi import document, problems
from services.asyncapi import encoded

HERE = Path(__file__).parent
# Beside this file where it is installed, in docs/ where it is developed.
PROBLEMS = (HERE / "problems.md", HERE.parents[1] / "docs" / "problems.md")
HTML = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"),
    (b"x-content-type-options", b"nosniff"),
]
templates = Environment(loader=PackageLoader("services.api"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
templates.filters["prose"] = lambda text: Markup(MarkdownIt("js-default").renderInline(text or ""))  # noqa: S704 – escaped


@cache
def problem_texts() -> dict[str, str]:
    """What is written about each code, in Markdown."""
    text = next(path for path in PROBLEMS if path.exists()).read_text(encoding="utf-8")
    sections = text.split("\n## ")[1:]
    return {code.strip(): about.strip() for code, _, about in (section.partition("\n") for section in sections)}


async def problem_page(call: Call) -> Answer:
    """What a problem's code means, and what to do."""
    code = call.ids["problem"]
    about = problem_texts().get(code)
    if about is None:
        raise NotFound("expected the code of a problem, but there is none of that name")
    html = MarkdownIt("js-default").render(about)
    return _page("problem.html", code=code, about=html)


async def _events(_: Call) -> Answer:
    return Answer(200, encoded(), [JSON])


def endpoints(described: Iterable[Endpoint], version: str) -> tuple[Endpoint, ...]:
    """The document and the pages; made once, when the program starts."""
    pages = (
        Endpoint(
            "GET", "/problems/{problem}", "problem", "What a problem means.", OPEN, problem_page, media="text/html"
        ),
        Endpoint("GET", "/openapi.json", "openapi", "This document.", OPEN, _unmade, answer=dict[str, Any]),
        Endpoint(
            *("GET", "/asyncapi.json", "asyncapi", "The events in Kafka, as an AsyncAPI 3 document.", OPEN, _events),
            answer=dict[str, Any],
        ),
        Endpoint("GET", "/docs", "docs", "The reference for people.", OPEN, _unmade, media="text/html"),
    )
    made = document([*described, *pages], version)
    raw, reference = encode(made), _page("reference.html", api=made, operations=_by_tag(made), problems=problems())

    async def openapi(_: Call) -> Answer:
        return Answer(200, raw, [JSON])

    async def docs(_: Call) -> Answer:
        return reference

    handlers = {"openapi": openapi, "docs": docs}
    return tuple(_with(page, handlers.get(page.name, page.handle)) for page in pages)


def _with(endpoint: Endpoint, handle: Any) -> Endpoint:
    return Endpoint(
        endpoint.method,
        endpoint.path,
        endpoint.name,
        endpoint.about,
        endpoint.needs,
        handle,
        answer=endpoint.answer,
        media=endpoint.media,
    )


async def _unmade(_: Call) -> Answer:
    raise RuntimeError("expected a page to be made before it is asked for")


def _by_tag(made: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations in the groups that the page shows."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            shown = {"path": path, "method": method.upper(), **operation}
            groups.setdefault(operation["tags"][0], []).append(shown)
    return groups


def _page(template: str, **values: Any) -> Answer:
    return Answer(200, templates.get_template(template).render(values).encode(), HTML)
