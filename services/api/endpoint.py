"""What a route is: method, path, who may, what goes in and comes out, and the function that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from services.api import reading
from services.api.call import Handler

OPEN = "open"
"""In place of a permission: everyone may ask, without a credential."""
MEMBER = "member"
"""In place of a permission: every active member may ask."""

OPERATOR = "operator"
"""In place of a permission: whoever shows the operator's token, which is no company's."""

IDS: Mapping[str, Callable[[str], str]] = {
    "tenant": reading.uuid("a tenant"),
    "run": reading.uuid("a run"),
    "procedure": reading.uuid("a procedure"),
    "member": reading.uuid("a member"),
    "key": reading.uuid("a key"),
    "handover": reading.uuid("a handover"),
    "hold": reading.uuid("a hold"),
    "export": reading.uuid("an export"),
    "step": reading.slug("a step"),
    "department": reading.slug("a department"),
    "role": reading.slug("a role"),
    "code": reading.slug("a starter procedure"),
    "seq": reading.whole("a sequence"),
    "problem": reading.slug("a problem"),
    "schema": reading.word("a schema"),
    "kind": reading.word("a resource type"),
}
"""How the parameters of paths are read, by their names."""


@dataclass(frozen=True)
class Query:
    """One parameter of a query string: how it is read, and its JSON schema."""

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    about: str


@dataclass(frozen=True)
class Endpoint:
    """One route. `needs` is a permission of the table, a command's name among them, or OPEN, MEMBER or OPERATOR.

    `carries_out` names the commands it can lead to. `body` and `answer` are the models that bodies are decoded by
    and that the OpenAPI document is made from; `also` names media that it can answer in beside `media`. Routes that
    are `hidden` are no part of that document.
    """

    method: str
    path: str
    name: str
    about: str
    needs: str
    handle: Handler
    status: int = 200
    body: Any = None
    answer: Any = None
    query: tuple[Query, ...] = ()
    carries_out: tuple[str, ...] = ()
    media: str = "application/json"
    also: tuple[str, ...] = ()
    hidden: bool = False
    decoder: msgspec.json.Decoder[Any] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.body is not None:
            object.__setattr__(self, "decoder", msgspec.json.Decoder(self.body))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path's braces, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @cached_property
    def readers(self) -> tuple[tuple[str, Callable[[str], str]], ...]:
        """The parameters of the path with their readers, in order."""
        return tuple((name, IDS[name]) for name in self.parameters)

    @cached_property
    def queries(self) -> Mapping[str, Query]:
        """The parameters of the query by name."""
        return {query.name: query for query in self.query}

    @property
    def tag(self) -> str:
        """The group it is shown in: the first word of the path, where it has a version."""
        if self.path.startswith("/scim/"):
            return "scim"
        return self.path.split("/")[2] if self.path.startswith("/v1/") else "operation"
