"""Paths to endpoints by a walk through dictionaries: its cost does not grow with the number of routes."""

from collections.abc import Iterable
from typing import Any

from services.api.endpoint import Endpoint
from services.api.refusals import MethodNotAllowed

PARAMETER = object()
METHODS = object()


class Tree:
    """All endpoints by the parts of their paths. A fixed part goes before a parameter."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root: dict[Any, Any] = {}
        for endpoint in endpoints:
            self._plant(endpoint)

    def _plant(self, endpoint: Endpoint) -> None:
        node = self._root
        for part in endpoint.path.split("/"):
            node = node.setdefault(PARAMETER if part.startswith("{") else part, {})
        node.setdefault(METHODS, {})[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, list[str]] | None:
        """The endpoint, and its parameters as they stand in the path; None when the path leads nowhere."""
        node = self._root
        parameters = []
        for part in path.split("/"):
            child = node.get(part)
            if child is None:
                child = node.get(PARAMETER)
                if child is None:
                    return None
                parameters.append(part)
            node = child
        methods = node.get(METHODS)
        if methods is None:
            return None
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            allowed = ", ".join(sorted(methods))
            raise MethodNotAllowed(f"expected one of {allowed} here, but got another method", allowed=allowed)
        return endpoint, parameters
