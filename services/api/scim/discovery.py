"""What the server can do, in SCIM's own documents (RFC 7643, sections 5 to 7): only what it really keeps."""

from collections.abc import Iterable
from typing import Any

from domain.tenants.permissions import EVERYONE
from domain.tenants.state import Tenant
from services.api.scim.names import BASE, CORE, LIST, MEMBER, USER

MOST = 200
"""Users in one answer at most."""
USUAL = 100


def attribute(name: str, kind: str = "string", about: str = "", **more: Any) -> dict[str, Any]:
    """An attribute's definition, with SCIM's defaults (RFC 7643, section 7)."""
    usual = {"multiValued": False, "description": about, "required": False, "mutability": "readWrite"}
    exact = {"caseExact": False, "uniqueness": "none"} if kind in ("string", "reference") else {}
    return {"name": name, "type": kind, **usual, "returned": "default", **exact, **more}


EMAIL_PARTS = [
    attribute("value", about="The address.", required=True),
    attribute("type", about="Always work.", canonicalValues=["work"]),
]
USER_ATTRIBUTES = [
    attribute(
        "userName",
        about="What the directory calls them; usually their address.",
        required=True,
        uniqueness="server",
    ),
    attribute(
        "name",
        "complex",
        "The same name as displayName; either is enough.",
        required=True,
        subAttributes=[attribute("formatted", about="The whole name.", required=True)],
    ),
    attribute("displayName", about="The name that people read.", required=True),
    attribute("active", "boolean", "Whether they may do anything, and hold a seat. True unless said.", required=True),
    attribute(
        "emails",
        "complex",
        "One address, in lower case. It may be left out when userName is one.",
        multiValued=True,
        required=True,
        subAttributes=EMAIL_PARTS,
    ),
]


def member_attributes(tenant: Tenant) -> list[dict[str, Any]]:
    """Our extension; the departments are the company's own."""
    return [
        attribute(
            "permission",
            about="What they may do; member unless said. Only an owner's key makes an owner.",
            required=True,
            canonicalValues=sorted(EVERYONE - {"owner"}),
        ),
        attribute("department", about="A department by its short name.", canonicalValues=sorted(tenant.departments)),
    ]


def schemas(tenant: Tenant) -> list[dict[str, Any]]:
    """The schema of users, and of our extension."""
    return [
        _schema(USER, "User", "A member of the company.", USER_ATTRIBUTES),
        _schema(MEMBER, "Member", "What a member may do, and where they work.", member_attributes(tenant)),
    ]


def _schema(urn: str, name: str, about: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [CORE + "Schema"],
        "id": urn,
        "name": name,
        "description": about,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{BASE}/Schemas/{urn}"},
    }


def resource_types() -> list[dict[str, Any]]:
    """Users are all there is."""
    return [
        {
            "schemas": [CORE + "ResourceType"],
            "id": "User",
            "name": "User",
            "description": "A member of the company.",
            "endpoint": "/Users",
            "schema": USER,
            "schemaExtensions": [{"schema": MEMBER, "required": False}],
            "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/User"},
        }
    ]


def provider() -> dict[str, Any]:
    """What is supported, and how to authenticate."""
    no = {"supported": False}
    return {
        "schemas": [CORE + "ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST},
        "changePassword": no,
        "sort": no,
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "API key",
                "description": "An API key of an owner or an admin, as a bearer token.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{BASE}/ServiceProviderConfig"},
    }


def listed(found: Iterable[Any], total: int, start: int = 1) -> dict[str, Any]:
    """Some of a list (RFC 7644, section 3.4.2)."""
    page = list(found)
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }
