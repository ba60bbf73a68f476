"""No route without a permission: the program does not start with one, whoever added it and however."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from fastapi import FastAPI
from starlette.routing import BaseRoute

from commands.catalogue import COMMANDS
from domain.tenants.permissions import MAY
from services.api.endpoint import MEMBER, OPEN, OPERATOR, Endpoint

OURS = ("/v1/", "/scim/")
NEEDS = "needs"

F = TypeVar("F", bound=Callable[..., Any])


class RouteWithoutPermission(RuntimeError):
    """A route says of nobody, or of something that is no permission, that they may ask."""


def check_endpoints(endpoints: Iterable[Endpoint]) -> None:
    """Refuse routes of the API that anyone could ask by mistake."""
    for endpoint in endpoints:
        check_needs(endpoint.path, endpoint.needs)
        if endpoint.needs is OPEN:
            _check_open(endpoint)
        elif endpoint.carries_out and endpoint.needs not in (OPERATOR, *endpoint.carries_out):
            raise RouteWithoutPermission(f"expected {endpoint.path} to need what it carries out, but it needs another")


def check_needs(path: str, needs: object) -> None:
    """Refuse what is no row of the table of permissions."""
    if needs not in (OPEN, MEMBER, OPERATOR) and needs not in MAY:
        raise RouteWithoutPermission(f"expected a permission for {path}, but it has {needs!r}")


def needing(needs: str) -> Callable[[F], F]:
    """Mark what answers a route beside the API's with what that needs; OPEN says that everyone may ask."""

    def mark(answer: F) -> F:
        setattr(answer, NEEDS, needs)
        return answer

    return mark


def check_routes(app: FastAPI) -> None:
    """Refuse a finished application with a route that says nothing of who may ask."""
    for route in every_route(app.routes):
        check_needs(str(getattr(route, "path", route)), _needs(route))


def every_route(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """All routes, those of included routers among them: FastAPI keeps these as routers."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from every_route(included.routes)


def _needs(route: BaseRoute) -> object:
    answer = getattr(route, "endpoint", None)
    if isinstance(answer, partial) and answer.args and isinstance(answer.args[0], Endpoint):
        return answer.args[0].needs
    return getattr(answer, NEEDS, None)


def _check_open(endpoint: Endpoint) -> None:
    """Under those paths only commands that are open to all are open: signing up, joining by an invitation's token."""
    open_to_all = [name for name in endpoint.carries_out if getattr(COMMANDS[name], "open_to_all", False)]
    if endpoint.path.startswith(OURS) and (not open_to_all or len(open_to_all) < len(endpoint.carries_out)):
        raise RouteWithoutPermission(f"expected a permission for {endpoint.path}, but it is open")
