"""The API put together: FastAPI holds the routes, the edge answers them."""

from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.api import health, pages
from services.api.deps import Deps, Settings
from services.api.edge import Edge
from services.api.endpoint import Endpoint
from services.api.figures import Figures
from services.api.nothing import NOTHING
from services.api.problems import problem
from services.api.refusals import NoSuchPath
from services.api.routes import ENDPOINTS
from services.api.tree import Tree
from services.guarding import check_endpoints

VERSION = version("ashiato")
# FastAPI traces requests as soon as a tracer provider is set up; figures and logs are our own.
TRACES: TelemetryConfig = {"metrics": False, "logs": False}

__all__ = ["Deps", "Settings", "create_app"]


def create_app(deps: Deps, *, with_nothing: bool = False) -> FastAPI:
    """The API as an ASGI application; `with_nothing` adds the route that benchmarks compare with.

    Raises RouteWithoutPermission.
    """
    figures = Figures()
    described = (*ENDPOINTS, *health.endpoints(figures))
    endpoints = (*described, *pages.endpoints(described, VERSION), *((NOTHING,) if with_nothing else ()))
    check_endpoints(endpoints)
    app = FastAPI(title="Ashiato", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None, telemetry=TRACES)
    app.add_exception_handler(NoSuchPath.status, _no_such_path)
    app.router.routes.extend(_route(endpoint) for endpoint in endpoints)
    app.add_middleware(Edge, deps=deps, tree=Tree(endpoints), figures=figures)
    return app


def _route(endpoint: Endpoint) -> Route:
    return Route(endpoint.path, partial(_unreached, endpoint), methods=[endpoint.method], name=endpoint.name)


async def _no_such_path(request: Request, error: Exception) -> Response:
    """Paths that neither the API nor anything beside it knows."""
    answer = problem(NoSuchPath("expected a path of the API, but there is nothing at this one"))
    return Response(answer.body, answer.status, media_type="application/problem+json")


async def _unreached(endpoint: Endpoint, request: Request) -> Response:
    raise RuntimeError(f"expected the edge to answer {endpoint.name!r}, but it passed it on")
