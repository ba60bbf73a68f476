"""Routes for a company's directory: SCIM 2.0 users, and what SCIM says of the server itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta

from commands import tenants as c
from commands.request import Contention, Request
from domain.ids import CommandId, MemberId
from domain.refusals import InvalidInput, NotFound
from domain.tenants.provisioning import going_by, names_of, people, seen
from domain.tenants.state import Member, Tenant
from services.api.answers import PRIVATE, encode
from services.api.call import Answer, Call
from services.api.endpoint import Endpoint, Query
from services.api.query import words
from services.api.refusals import InvalidHeader
from services.api.scim import discovery, filters, reading
from services.api.scim.names import BASE, CONTENT, MEDIA
from services.api.scim.resource import etag, location, resource, shown

REASON = "directory (SCIM)"
USERS = f"{BASE}/Users"
USER = f"{USERS}/{{member}}"
VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')
FRESH = 0.0
"""Reads know what any process has written before."""

Document = Annotated[dict[str, Any], Meta(description="A document of RFC 7643 or RFC 7644; docs/scim.md says more.")]


class Index:
    """Whom a directory may see, by id; made once for each state of a company that is asked about."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Tenant, list[Member]]] = {}

    def of(self, name: str, tenant: Tenant) -> list[Member]:
        """The company's people."""
        before = self._known.get(name)
        if before is not None and before[0] is tenant:
            return before[1]
        if len(self._known) >= MOST_COMPANIES:
            self._known.clear()
        self._known[name] = tenant, people(tenant)
        return self._known[name][1]


MOST_COMPANIES = 100
INDEX = Index()


async def create(call: Call) -> Answer:
    """Bring a person in."""
    profile = reading.whole_user(call.body)
    command = c.ProvisionMember(MemberId(call.deps.new_id()), profile)
    await call.deps.commands.execute(_request(call), command)
    # Who had been invited keeps the id of their invitation.
    found = going_by(await call.deps.commands.tenant(call.tenant), names_of(profile)[0])
    if found is None:
        raise Contention("expected the user that was made just now, but the directory has changed them since")
    return _user(call, found, 201)


async def replace(call: Call) -> Answer:
    """Make a user what the body says."""
    current = seen(await _now(call), _member(call))
    return await _change(call, reading.whole_user(call.body, current.name))


async def patch(call: Call) -> Answer:
    """Change what the operations say."""
    return await _change(call, reading.changes(call.body))


async def _change(call: Call, change: Any) -> Answer:
    command = c.UpdateProvisioned(_member(call), change, _expected(call))
    await call.deps.commands.execute(_request(call), command)
    return _user(call, seen(await call.deps.commands.tenant(call.tenant), _member(call)))


async def delete(call: Call) -> Answer:
    """End a membership; the directory gets no answer but "not found" from then on."""
    command = c.RemoveProvisioned(_member(call), _expected(call))
    await call.deps.commands.execute(_request(call), command)
    return Answer(204, b"", [])


async def get(call: Call) -> Answer:
    """One user."""
    found = seen(await _now(call), _member(call))
    if call.headers.get(b"if-none-match", b"").decode("latin-1") == etag(found):
        return Answer(304, b"", [(b"etag", etag(found).encode())])
    return _user(call, found)


async def users(call: Call) -> Answer:
    """Some users: those that a filter finds, page by page."""
    return await _found(call, call.query)


async def search(call: Call) -> Answer:
    """The same, asked in a body."""
    asked: dict[str, Any] = {}
    for name, value in call.body.items():
        if (read := SEARCH.get(name.lower())) is not None and value is not None:
            asked[read[0]] = read[1](",".join(map(str, value)) if isinstance(value, list) else str(value))
    return await _found(call, asked)


async def _found(call: Call, asked: Mapping[str, Any]) -> Answer:
    found: Sequence[Member] = INDEX.of(call.tenant, await _now(call))
    if "filter" in asked:
        found = [*filter(filters.predicate(asked["filter"]), found)]
    start = asked.get("startIndex", 1)
    page = found[start - 1 : start - 1 + asked.get("count", discovery.USUAL)]
    shapes = [_shaped(member, asked) for member in page]
    return _answer(discovery.listed(shapes, len(found), start))


async def provider(_: Call) -> Answer:
    """What SCIM can do here."""
    return _answer(discovery.provider())


async def resource_types(_: Call) -> Answer:
    """The kinds of resources."""
    return _answer(discovery.listed(found := discovery.resource_types(), len(found)))


async def resource_type(call: Call) -> Answer:
    """One kind of resources."""
    return _answer(_named(discovery.resource_types(), call.ids["kind"]))


async def schemas(call: Call) -> Answer:
    """The schemas, with the company's departments."""
    return _answer(discovery.listed(found := discovery.schemas(await _now(call)), len(found)))


async def schema(call: Call) -> Answer:
    """One schema."""
    return _answer(_named(discovery.schemas(await _now(call)), call.ids["schema"]))


def _named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for each in found:
        if each["id"] == name:
            return each
    raise NotFound("expected the id of a SCIM document, but there is none of that name")


def _member(call: Call) -> MemberId:
    return MemberId(call.ids["member"])


async def _now(call: Call) -> Tenant:
    return await call.deps.commands.tenant(call.tenant, FRESH)


def _request(call: Call) -> Request:
    """A directory's command; sent again, it finds that it is already so."""
    command, key = CommandId(call.deps.new_id()), call.known.key
    return Request(call.tenant, command, call.at, call.member, key, reason=REASON)


def _expected(call: Call) -> int | None:
    """The version in If-Match, when there is one."""
    header = call.headers.get(b"if-match", b"*").decode("latin-1").strip()
    if header == "*":
        return None
    found = VERSION.fullmatch(header)
    if found is None:
        raise InvalidHeader("expected If-Match as the version of a user, but got something else")
    return int(found[1])


def _user(call: Call, member: Member, status: int = 200) -> Answer:
    where = (b"location", location(member.id).encode())
    return _answer(_shaped(member, call.query), status, [(b"etag", etag(member).encode()), where])


def _shaped(member: Member, asked: Mapping[str, Any]) -> dict[str, Any]:
    return shown(resource(member), asked.get("attributes", ()), asked.get("excludedAttributes", ()))


def _answer(body: object, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> Answer:
    return Answer(status, encode(body), [CONTENT, PRIVATE, *headers])


def _names(name: str) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        return [part.strip() for part in words(name, 5_000)(text).split(",") if part.strip()]

    return read


def _count(name: str, least: int, most: int) -> Callable[[str], int]:
    """RFC 7644, section 3.4.2.4: what is too small or too large is taken as the least or the most."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
            raise InvalidInput(f"expected a whole number for {name!r}, but got another", field=name)
        return max(least, min(most, int(text)))

    return read


ENTRA = Query(
    "aadOptscim062020", words("aadOptscim062020", 50), {"type": "string"}, "A flag of Entra ID's; it may be sent."
)
SHAPE = (
    ENTRA,
    Query("attributes", _names("attributes"), {"type": "string"}, "Only these attributes."),
    Query("excludedAttributes", _names("excludedAttributes"), {"type": "string"}, "All but these attributes."),
)
LISTING = (
    Query("filter", words("filter", filters.LONGEST), {"type": "string"}, "Whom to find (RFC 7644, section 3.4.2.2)."),
    Query("startIndex", _count("startIndex", 1, 2**53), {"type": "integer", "default": 1}, "The first one, from 1."),
    Query(
        "count",
        _count("count", 0, discovery.MOST),
        {"type": "integer", "default": discovery.USUAL, "maximum": discovery.MOST},
        "At most so many.",
    ),
    Query("sortBy", words("sortBy", 200), {"type": "string"}, "Not supported: the order is always that of the ids."),
    Query("sortOrder", words("sortOrder", 200), {"type": "string"}, "Not supported."),
)
SEARCH = {query.name.lower(): (query.name, query.read) for query in (*SHAPE, *LISTING)}


def _endpoint(method: str, path: str, name: str, about: str, needs: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(method, path, name, about, needs, handle, media=MEDIA, answer=Document, **more)


def _reads(path: str, name: str, about: str, handle: Any, query: tuple[Query, ...] = (ENTRA,)) -> Endpoint:
    return _endpoint("GET", path, name, about, "read_directory", handle, query=query)


def _writes(method: str, path: str, name: str, about: str, handle: Any, **more: Any) -> Endpoint:
    return _endpoint(method, path, name, about, more["carries_out"][0], handle, **more)


UPDATE = ("update_provisioned",)
ENDPOINTS = (
    _writes(
        "POST",
        USERS,
        "scim_create",
        "Bring a person in through the directory, active and with a seat unless it says otherwise.",
        create,
        status=201,
        body=Document,
        query=SHAPE,
        carries_out=("provision_member",),
    ),
    _reads(USERS, "scim_users", "Members as SCIM users, by filter and page.", users, (*SHAPE, *LISTING)),
    _reads(USER, "scim_user", "One member as a SCIM user.", get, SHAPE),
    _writes(
        "PUT",
        USER,
        "scim_replace",
        "Make a user what the body says.",
        replace,
        body=Document,
        query=SHAPE,
        carries_out=UPDATE,
    ),
    _writes(
        "PATCH",
        USER,
        "scim_patch",
        "Change a user; `active: false` always lets them go.",
        patch,
        body=Document,
        query=SHAPE,
        carries_out=UPDATE,
    ),
    _writes(
        "DELETE",
        USER,
        "scim_delete",
        "End a membership; their history stays, and SCIM knows them no more.",
        delete,
        status=204,
        query=(ENTRA,),
        carries_out=("remove_provisioned",),
    ),
    _endpoint(
        "POST",
        f"{USERS}/.search",
        "scim_search_users",
        "Find users, asked in a body.",
        "read_directory",
        search,
        body=Document,
    ),
    _endpoint(
        "POST",
        f"{BASE}/.search",
        "scim_search",
        "Find users: there are no other resources.",
        "read_directory",
        search,
        body=Document,
    ),
    _reads(f"{BASE}/ServiceProviderConfig", "scim_provider", "What SCIM can do here.", provider),
    _reads(f"{BASE}/ResourceTypes", "scim_resource_types", "The kinds of resources.", resource_types),
    _reads(f"{BASE}/ResourceTypes/{{kind}}", "scim_resource_type", "One kind of resources.", resource_type),
    _reads(f"{BASE}/Schemas", "scim_schemas", "The schemas.", schemas),
    _reads(f"{BASE}/Schemas/{{schema}}", "scim_schema", "One schema.", schema),
)
