"""Every command has a route, every route a permission, every code a page: checked over all of them."""

import re

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from commands.catalogue import COMMANDS
from domain.refusals import catalogue
from domain.services import EXPORTER, SCHEDULER, SERVICES_MAY
from domain.tenants.permissions import MAY
from services.api.endpoint import MEMBER, OPEN, OPERATOR
from services.api.pages import problem_texts
from services.api.problems import status_of
from services.api.routes import ENDPOINTS
from services.viewing import PLACES, TYPED
from tests.services.api.world import World

BY_SIGNING_IN = {"claim_identity"}
"""Commands that nobody sends: a token that comes for the first time is one."""
OPEN_ROUTES = {"sign_up", "accept_invitation", "checkpoint_keys"}
FOR_EVERY_MEMBER = {"me", "list_starters", "get_starter", "list_plans"}
FOR_THE_OPERATOR = {"lapse_plan", "close_tenant"}
BY_THE_COMMAND_LINE = {"direct_checkpoints"}
"""Commands of the operator's that have no route."""
SCIMS = {"aadOptscim062020", "attributes", "excludedAttributes", "sortBy", "sortOrder"}
WORDS_OF_OURS = {"department", "file", "note", "role", "step", "type", "what", *SCIMS}
"""Texts in questions that are ids, names of types or routes, hashes or signed checkpoints."""
URL_ELSEWHERE = re.compile(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//|@import", re.IGNORECASE)


def test_every_command_has_a_route() -> None:
    own = {name for name, service in SERVICES_MAY.items() if service in (SCHEDULER, EXPORTER)}
    sent = {name for endpoint in ENDPOINTS for name in endpoint.carries_out}
    assert sent == set(COMMANDS) - own - BY_SIGNING_IN - BY_THE_COMMAND_LINE


def test_every_route_has_a_permission_or_is_open_on_purpose() -> None:
    assert {e.name for e in ENDPOINTS if e.needs == OPEN} == OPEN_ROUTES
    assert {e.name for e in ENDPOINTS if e.needs == MEMBER} == FOR_EVERY_MEMBER
    assert {e.name for e in ENDPOINTS if e.needs == OPERATOR} == FOR_THE_OPERATOR
    assert {e.needs for e in ENDPOINTS} - {OPEN, MEMBER, OPERATOR} <= set(MAY)


def test_what_people_type_into_questions_is_known_as_such() -> None:
    """Of it only the length is put on record when an auditor asks."""
    texts = {query.name for endpoint in ENDPOINTS for query in endpoint.query if query.schema == {"type": "string"}}
    assert texts - WORDS_OF_OURS == TYPED | PLACES - {"after"}


def test_names_of_routes_are_unique() -> None:
    assert len({e.name for e in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_is_documented_with_its_status(code: str) -> None:
    assert problem_texts()[code].startswith(str(status_of(catalogue()[code])))


def test_no_code_is_documented_that_does_not_exist() -> None:
    assert set(problem_texts()) == set(catalogue())


def test_what_is_recorded_is_documented_as_such() -> None:
    told = {code for code, text in problem_texts().items() if "on record" in text.split(".")[0]}
    assert {code for code, kind in catalogue().items() if kind.recorded} == told


async def test_every_problem_has_a_page(api: World) -> None:
    answers = [await api.client.get(f"/problems/{code}") for code in catalogue()]
    assert {answer.status_code for answer in answers} == {200}


async def test_the_document_describes_every_route_that_answers(api: World) -> None:
    document = (await api.client.get("/openapi.json")).json()
    described = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    assert described == served(api.app)


def served(app: FastAPI) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }


async def test_every_reference_in_the_document_leads_somewhere(api: World) -> None:
    answer = await api.client.get("/openapi.json")
    document = answer.json()
    wanted = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', answer.text))
    assert wanted <= set(document["components"]["schemas"])
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", ["/docs", "/problems/not_found"])
async def test_pages_load_nothing_from_elsewhere(api: World, path: str) -> None:
    answer = await api.client.get(path)
    assert answer.status_code == 200
    assert not URL_ELSEWHERE.search(answer.text)
    assert "<script" not in answer.text


async def test_the_reference_names_every_route(api: World) -> None:
    page = (await api.client.get("/docs")).text
    assert not [e.name for e in ENDPOINTS if f'id="{e.name}"' not in page]
