"""The names that SCIM gives to schemas and paths, and ours."""

BASE = "/scim/v2"
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
USER = CORE + "User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MEMBER = "urn:ashiato:params:scim:schemas:extension:2.0:User"
"""Our own extension: what a member may do, and their department."""
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
LIST, PATCH, ERROR, SEARCH = (MESSAGES + name for name in ("ListResponse", "PatchOp", "Error", "SearchRequest"))

MEDIA = "application/scim+json"
CONTENT = (b"content-type", b"application/scim+json")

PASSED_OVER = frozenset(
    {
        *("nickname", "profileurl", "title", "usertype", "preferredlanguage", "locale", "timezone", "password"),
        *("phonenumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509certificates"),
    }
)
"""Attributes of RFC 7643's user that directories send and that nothing is kept of."""


def bare(path: str) -> str:
    """An attribute's path in lower case, without the schema of users; other schemas end in a colon."""
    lowered = path.strip().lower()
    for schema in (USER, MEMBER, ENTERPRISE):
        if lowered == schema.lower():
            return lowered
    return lowered.removeprefix(USER.lower() + ":")
