"""A route that says of nobody that they may ask is noticed before the first request, however it was added."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Route

from infra.settings import Settings
from services import program as whole
from services.api import app as api_app
from services.api.endpoint import MEMBER, OPEN, Endpoint
from services.api.routes import ENDPOINTS
from services.console import routes as console
from services.console.routes import PAGES, PageAt, console_router
from services.guarding import RouteWithoutPermission, check_endpoints, check_routes, every_route, needing
from services.program import program
from tests.services.api.world import world

READ = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "list_runs")
COMMAND = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "cancel_run")


def test_every_route_of_the_api_has_a_permission() -> None:
    check_endpoints(ENDPOINTS)


@pytest.mark.parametrize("needs", ["", "nothing", "read_everything", "cancel_run "])
def test_what_is_no_permission_is_none(needs: str) -> None:
    with pytest.raises(RouteWithoutPermission, match="/v1/runs"):
        check_endpoints([*ENDPOINTS, replace(READ, needs=needs)])


@pytest.mark.parametrize("planted", [replace(READ, needs=OPEN), replace(COMMAND, needs=OPEN)], ids=["read", "command"])
def test_a_route_is_not_open_by_mistake(planted: Endpoint) -> None:
    with pytest.raises(RouteWithoutPermission, match="it is open"):
        check_endpoints([planted])


@pytest.mark.parametrize("needs", [MEMBER, "read_dashboards", "comment"])
def test_a_command_is_not_guarded_by_the_permission_of_another(needs: str) -> None:
    with pytest.raises(RouteWithoutPermission, match="it needs another"):
        check_endpoints([replace(COMMAND, needs=needs)])


async def test_the_api_does_not_start_with_one(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_app, "ENDPOINTS", (*ENDPOINTS, replace(READ, path="/v1/planted", needs="")))
    with pytest.raises(RouteWithoutPermission, match="/v1/planted"):
        async with world(database):
            pass


async def test_the_console_does_not_start_with_one(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PAGES", (*PAGES, PageAt("planted", "", PAGES[0].make)))
    with pytest.raises(RouteWithoutPermission, match="/console/planted"):
        async with program(database, Settings()):
            pass


async def test_the_program_does_not_start_with_a_route_that_was_added_beside(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planting(app: FastAPI) -> FastAPI:
        app.router.routes.append(Route("/planted", planted))
        return app

    made = api_app.create_app
    monkeypatch.setattr(whole, "create_app", lambda *a, **k: planting(made(*a, **k)))
    with pytest.raises(RouteWithoutPermission, match="/planted"):
        async with program(database, Settings()):
            pass


async def planted() -> Response:
    return Response("")


def test_a_route_beside_the_api_says_what_it_needs() -> None:
    @needing(OPEN)
    async def marked() -> Response:
        return Response("")

    app = FastAPI(openapi_url=None)
    app.router.routes.append(Route("/marked", marked))
    check_routes(app)


async def test_every_route_of_the_running_program_is_guarded(database: str) -> None:
    async with program(database, Settings()) as running:
        check_routes(running.app)
        paths = {getattr(route, "path", "") for route in every_route(running.app.routes)}
    assert {"/v1/runs", "/console/trail", "/console/reads"} <= paths


def test_console_pages_are_checked_by_name() -> None:
    assert callable(console_router)
    assert {page.needs for page in PAGES} >= {"read_trail", "read_reads"}
