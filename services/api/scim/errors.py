"""Refusals as SCIM says them (RFC 7644, section 3.12): the same sentences, under SCIM's own words."""

from collections.abc import Mapping

import msgspec

from services.api.call import Answer
from services.api.problems import TRY_AGAIN
from services.api.refusals import EdgeRefusal
from services.api.scim.names import CONTENT, ERROR

TYPES: Mapping[str, str] = {
    "already_member": "uniqueness",
    "invalid_filter": "invalidFilter",
    "invalid_path": "invalidPath",
    "attribute_required": "mutability",
    "malformed_json": "invalidSyntax",
    "invalid_input": "invalidValue",
}
STATUS: Mapping[str, int] = {
    # For SCIM a conflict is one of uniqueness; these are no's that asking in another way does not change.
    "seat_limit_reached": 403,
    "last_owner": 403,
    "tenant_read_only": 403,
    "contention": TRY_AGAIN,
}
INVALID = 422


class InvalidFilter(EdgeRefusal):
    """A SCIM filter that is not understood, or an attribute in it that users don't have."""

    code = "invalid_filter"


class InvalidPath(EdgeRefusal):
    """The path of a SCIM PATCH operation names nothing that users have."""

    code = "invalid_path"


class AttributeRequired(EdgeRefusal):
    """A SCIM PATCH operation would take away what every user has, or change what is the server's to say."""

    code = "attribute_required"


def as_scim(answer: Answer) -> Answer:
    """A problem in SCIM's form."""
    found = msgspec.json.decode(answer.body)
    code = str(found["type"]).rpartition("/")[2]
    status = 400 if answer.status == INVALID else STATUS.get(code, answer.status)
    # Only with these statuses has a scimType a meaning.
    kind = TYPES.get(code, "invalidValue" if status == 400 else None)
    body = {"schemas": [ERROR], "status": str(status), "detail": found["detail"]}
    if kind is not None and status in (400, 409):
        body["scimType"] = kind
    kept = [header for header in answer.headers if header[0] != CONTENT[0]]
    return Answer(status, msgspec.json.encode(body), [CONTENT, *kept])
