"""A member as a SCIM user, whole or only what was asked for."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.tenants.member import Member
from domain.tenants.provisioning import user_name_of
from services.api.scim.names import BASE, MEMBER, USER, bare

ALWAYS = ("schemas", "id")
PART = re.compile(r"(?P<head>(?:urn:.*:user|[^.:]+))(?:[.:](?P<rest>.+))?", re.IGNORECASE)


def location(member: str) -> str:
    """Where a user is."""
    return f"{BASE}/Users/{member}"


def etag(member: Member) -> str:
    """A user's version: how often something has happened to them."""
    return f'W/"{member.changes}"'


def resource(member: Member) -> dict[str, Any]:
    """The user that a member is."""
    found: dict[str, Any] = {
        "schemas": [USER, MEMBER],
        "id": member.id,
        "userName": user_name_of(member),
        "name": {"formatted": member.name},
        "displayName": member.name,
        "active": member.status == "active",
        "emails": [{"value": member.email, "type": "work"}],
        MEMBER: {"permission": member.permission},
        "meta": {"resourceType": "User", "location": location(member.id), "version": etag(member)},
    }
    if member.external_id is not None:
        found["externalId"] = member.external_id
    if member.department is not None:
        found[MEMBER]["department"] = member.department
    if created := _created(member.id):
        found["meta"]["created"] = created
    return found


def shown(whole: Mapping[str, Any], attributes: Iterable[str], excluded: Iterable[str]) -> dict[str, Any]:
    """Only the attributes asked for, or all but those excluded; what is always returned is there (RFC 7644, 3.9)."""
    wanted, unwanted = _parts(attributes), _parts(excluded)
    if wanted:
        return {name: _only(value, wanted.get(name.lower(), ...)) for name, value in whole.items() if _is(name, wanted)}
    return {
        name: _without(value, unwanted.get(name.lower(), ()))
        for name, value in whole.items()
        if name in ALWAYS or unwanted.get(name.lower()) is not ...
    }


def _is(name: str, wanted: Mapping[str, Any]) -> bool:
    return name in ALWAYS or name.lower() in wanted


def _parts(names: Iterable[str]) -> dict[str, Any]:
    """Attributes by name in lower case: the set of their parts that are named, or ... for the whole."""
    found: dict[str, Any] = {}
    for name in names:
        part = PART.fullmatch(bare(name))
        if part is None:
            continue
        head, rest = part["head"], part["rest"]
        if rest is None or found.get(head) is ...:
            found[head] = ...
        else:
            found.setdefault(head, set()).add(rest)
    return found


def _only(value: Any, parts: Any) -> Any:
    if parts is ... or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [_only(each, parts) for each in value]
    return {name: part for name, part in value.items() if name.lower() in parts} if isinstance(value, dict) else value


def _without(value: Any, parts: Any) -> Any:
    if isinstance(value, list):
        return [_without(each, parts) for each in value]
    if isinstance(value, dict) and parts:
        return {name: part for name, part in value.items() if name.lower() not in parts}
    return value


def _created(member: str) -> str | None:
    """When an id of version 7 was made: its first 48 bits are milliseconds since 1970 (RFC 9562, section 5.7)."""
    made = UUID(member)
    if made.version != 7:
        return None
    instant = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
