"""Routes for a company's directory: SCIM 2.0 users."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from commands import directory as c
from commands.request import Contention, Request
from domain.ids import CommandId, MemberId
from domain.tenants.member import Member
from domain.tenants.provisioning import going_by, names_of, people, seen
from domain.tenants.state import Tenant
from services.api.call import Answer, Call
from services.api.refusals import InvalidHeader
from services.api.scim import discovery, filters, reading
from services.api.scim.asking import ENTRA, LISTING, SHAPE, asked
from services.api.scim.names import BASE
from services.api.scim.resource import etag, location, resource, shown
from services.api.scim.routing import Document, answered, asks, now, searches, writes

REASON = "directory (SCIM)"
USERS = f"{BASE}/Users"
USER = f"{USERS}/{{member}}"
VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')


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
    current = seen(await now(call), _member(call))
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
    found = seen(await now(call), _member(call))
    if call.headers.get(b"if-none-match", b"").decode("latin-1") == etag(found):
        return Answer(304, b"", [(b"etag", etag(found).encode())])
    return _user(call, found)


async def users(call: Call) -> Answer:
    """Some users: those that a filter finds, page by page."""
    return await _found(call, call.query)


async def search(call: Call) -> Answer:
    """The same, asked in a body."""
    return await _found(call, asked(call.body))


async def _found(call: Call, wanted: Mapping[str, Any]) -> Answer:
    found: Sequence[Member] = INDEX.of(call.tenant, await now(call))
    if "filter" in wanted:
        found = [*filter(filters.predicate(wanted["filter"]), found)]
    start = wanted.get("startIndex", 1)
    page = found[start - 1 : start - 1 + wanted.get("count", discovery.USUAL)]
    shapes = [_shaped(member, wanted) for member in page]
    return answered(discovery.listed(shapes, len(found), start))


def _member(call: Call) -> MemberId:
    return MemberId(call.ids["member"])


def _request(call: Call) -> Request:
    """A directory's command; sent again, it finds that it is already so."""
    command, key = CommandId(call.deps.new_id()), call.known.key_id
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
    return answered(_shaped(member, call.query), status, [(b"etag", etag(member).encode()), where])


def _shaped(member: Member, asked: Mapping[str, Any]) -> dict[str, Any]:
    return shown(resource(member), asked.get("attributes", ()), asked.get("excludedAttributes", ()))


ENDPOINTS = (
    writes(
        "POST",
        USERS,
        "scim_create",
        "Bring a person in through the directory, active and with a seat unless it says otherwise.",
        create,
        "provision_member",
        status=201,
        body=Document,
        query=SHAPE,
    ),
    asks(USERS, "scim_users", "Members as SCIM users, by filter and page.", users, (*SHAPE, *LISTING)),
    asks(USER, "scim_user", "One member as a SCIM user.", get, SHAPE),
    writes(
        "PUT",
        USER,
        "scim_replace",
        "Make a user what the body says.",
        replace,
        "update_provisioned",
        body=Document,
        query=SHAPE,
    ),
    writes(
        "PATCH",
        USER,
        "scim_patch",
        "Change a user; `active: false` always lets them go.",
        patch,
        "update_provisioned",
        body=Document,
        query=SHAPE,
    ),
    writes(
        "DELETE",
        USER,
        "scim_delete",
        "End a membership; their history stays, and SCIM knows them no more.",
        delete,
        "remove_provisioned",
        status=204,
        query=(ENTRA,),
    ),
    searches(f"{USERS}/.search", "scim_search_users", "Find users, asked in a body.", search),
    searches(f"{BASE}/.search", "scim_search", "Find users: there are no other resources.", search),
)
