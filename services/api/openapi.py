"""The OpenAPI 3.1 document, made from the routes and the very models that bodies are decoded by."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from domain.refusals import catalogue
from services.api.endpoint import OPEN, OPERATOR, Endpoint
from services.api.problems import status_of

TEMPLATE = "#/components/schemas/{name}"
SLUGS = ("step", "department", "role", "code", "problem", "schema", "kind")
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 200},
    "description": "Names the command: sent again with the same key, it is answered again and not done twice.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "description": "The version that the caller saw (an ETag): 412 when the stream went on since.",
}
PROBLEM = {
    "type": "object",
    "description": "A problem (RFC 9457). `type` is a page about it; `detail` says what was expected, and what came.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/step_not_ready"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "description": "Each field that does not fit.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "expected": {"type": "string"},
                    "got": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}
BEARER = {"type": "http", "scheme": "bearer", "description": "An API key, or a token of the issuer's."}
PROBLEM_ANSWER = {"$ref": "#/components/responses/Problem"}
PROBLEM_MEDIA = "application/problem+json"
SCIM = "scim"
SCIM_ERROR = {
    "description": "An error as SCIM says it (RFC 7644, section 3.12); `detail` says what was expected.",
    "content": {"application/scim+json": {"schema": {"type": "object"}}},
}
OTHERWISE = {False: PROBLEM_ANSWER, True: SCIM_ERROR}
HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the stream."},
    "Ashiato-Position": {"schema": {"type": "integer"}, "description": "For `wait_for`."},
}


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """The whole document."""
    shown = [endpoint for endpoint in endpoints if not endpoint.hidden]
    models = [model for endpoint in shown for model in (endpoint.body, endpoint.answer) if model is not None]
    found, components = msgspec.json.schema_components(models, ref_template=TEMPLATE)
    schemas = dict(zip(map(_key, models), found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in shown:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ashiato",
            "version": version,
            "summary": "Back-office procedures as cases on an event log.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in shown)],
        "paths": paths,
        "components": {
            "schemas": {**_closed(components), "Problem": PROBLEM},
            "securitySchemes": {"key": BEARER},
            "responses": {"Problem": {"description": _codes(), "content": _content("Problem", PROBLEM_MEDIA)}},
        },
    }


def operation(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """One route."""
    told: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": re.split(r"[.;:](?:\s|$)", endpoint.about)[0],
        "description": f"{endpoint.about}\n\n{_who(endpoint)}",
        "tags": [endpoint.tag],
        "parameters": [*_in_path(endpoint), *_in_query(endpoint)],
        "responses": {str(endpoint.status): _answer(endpoint, schemas), "default": OTHERWISE[endpoint.tag == SCIM]},
    }
    if endpoint.needs is OPEN:
        told["security"] = []
    if endpoint.body is not None:
        told["parameters"] += [] if endpoint.tag == SCIM else [IDEMPOTENCY, IF_MATCH]
        told["requestBody"] = {
            "required": _needs_body(endpoint.body),
            "content": {endpoint.media: {"schema": schemas[_key(endpoint.body)]}},
        }
    return told


def _needs_body(body: Any) -> bool:
    """True unless an empty body will do."""
    described = msgspec.json.schema(body)
    return "$defs" not in described or bool(described["$defs"][body.__name__]["required"])


def _answer(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    schema = schemas[_key(endpoint.answer)] if endpoint.answer is not None else {"type": "string"}
    answer: dict[str, Any] = {"description": "The answer.", "content": {endpoint.media: {"schema": schema}}}
    answer["content"] |= {media: {"schema": {"type": "string"}} for media in endpoint.also}
    if endpoint.carries_out:
        answer["headers"] = HEADERS
    return answer


def _in_path(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name in endpoint.parameters:
        kind = {"type": "string"} if name in SLUGS else {"type": "string", "format": "uuid"}
        yield {"name": name, "in": "path", "required": True, "schema": kind}


def _in_query(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for query in endpoint.query:
        yield {"name": query.name, "in": "query", "schema": dict(query.schema), "description": query.about}


def _who(endpoint: Endpoint) -> str:
    if endpoint.needs == OPERATOR:
        return "For the program's operator, with the token of `ASHIATO_OPERATOR_TOKEN`."
    return "Open to everyone." if endpoint.needs is OPEN else f"Permission: `{endpoint.needs}`."


def problems() -> list[tuple[str, int, str]]:
    """Every code with its status and what it is about."""
    return [(code, status_of(kind), _first_line(kind)) for code, kind in catalogue().items()]


def _codes() -> str:
    lines = [f"- `{code}` ({status}): {about}" for code, status, about in problems()]
    return "A problem; `type` is `/problems/<code>`:\n\n" + "\n".join(lines)


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0]


def _content(name: str, media: str) -> dict[str, Any]:
    return {media: {"schema": {"$ref": TEMPLATE.format(name=name)}}}


def _closed(components: Mapping[str, Any]) -> dict[str, Any]:
    """Unknown fields are refused in dataclasses too: the document says so."""
    return {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for name, schema in components.items()
    }


def _key(model: Any) -> str:
    return repr(model)
