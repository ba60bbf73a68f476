"""Filters that identity providers send, pages, and answers cut to what was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tenants.provisioning import people
from services.api.scim.errors import InvalidFilter
from services.api.scim.filters import predicate
from tests.people import AIKO, EMI, KANA, TENANT, address
from tests.services.api.scim.conftest import Directory
from tests.services.api.world import Company

EXTERNAL = 'externalId eq "ext-yui"'
FOUND = {
    'userName eq "yui@acme.example"': ["yui"],
    'userName eq "YUI@ACME.example"': ["yui"],
    'USERNAME Eq "yui@acme.example"': ["yui"],
    EXTERNAL: ["yui"],
    'externalId eq "EXT-yui"': [],
    'emails[type eq "work"].value eq "yui@acme.example"': ["yui"],
    'emails[type eq "work" and value eq "yui@acme.example"]': ["yui"],
    'emails[type eq "home"].value eq "yui@acme.example"': [],
    'emails.value eq "yui@acme.example"': ["yui"],
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "yui@acme.example"': ["yui"],
    "active eq true": ["emi", "yui"],
    'active eq "True"': ["emi", "yui"],
    "active eq false": ["rei"],
    "not (active eq true)": ["rei"],
    'active eq true and displayName sw "y"': ["yui"],
    'userName co "ei@" or userName eq "yui@acme.example"': ["rei", "yui"],
    '(userName sw "yui" or userName sw "rei") and active eq true': ["yui"],
    "externalId pr": ["rei", "yui"],
    "not (externalId pr)": ["emi"],
    'displayName ew "I"': ["emi", "rei", "yui"],
    'userName ne "emi@acme.example"': ["rei", "yui"],
    'urn:ashiato:params:scim:schemas:extension:2.0:User:permission eq "owner"': ["emi"],
    'displayName eq "\\u0079ui"': ["yui"],
}
UNFIT = (
    "",
    "userName",
    "userName eq",
    "userName eq yui",
    "userName xx 'a'",
    'nmae eq "x"',
    'userName eq "x',
    '(userName eq "x"',
    'userName eq "x" userName eq "y"',
    'emails[type eq "work"',
    "userName gt 1",
    "(" * 1_000,
    "a" * 3_000,
    'password eq "x"',
)


@pytest.fixture
async def three(directory: Directory) -> Directory:
    await directory.made()
    await directory.made("rei", active=False)
    return directory


async def test_every_filter_finds_whom_it_should(three: Directory, acme: Company) -> None:
    assert await three.found(f'id eq "{acme.owner}"') == ["emi@acme.example"]
    answers = {asked: sorted(name.partition("@")[0] for name in await three.found(asked)) for asked in FOUND}
    assert answers == FOUND


@pytest.mark.parametrize("asked", UNFIT)
def test_a_filter_that_is_not_understood_is_refused(asked: str) -> None:
    with pytest.raises(InvalidFilter, match="expected"):
        predicate(asked)


async def test_entra_ids_flag_may_be_sent(directory: Directory) -> None:
    assert (await directory.ok("GET", '?filter=userName%20eq%20"x"&aadOptscim062020'))["totalResults"] == 0


async def test_a_refused_filter_is_told_in_scims_form(directory: Directory) -> None:
    assert await directory.refused("GET", "?filter=nmae%20eq%201") == (400, "invalidFilter")


@given(st.text(alphabet='()[]" \\eqandortuserNmid.$1', max_size=40) | st.text(max_size=20))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        found = predicate(text)
    except InvalidFilter:
        return
    assert all(isinstance(found(member), bool) for member in people(TENANT))


async def test_pages_hold_everyone_once(directory: Directory) -> None:
    for number in range(7):
        await directory.made(f"m{number}")
    found: list[str] = []
    for start in (1, 4, 7, 10):
        page = await directory.ok("GET", f"?startIndex={start}&count=3")
        assert (page["totalResults"], page["startIndex"]) == (8, start)
        assert page["itemsPerPage"] == len(page["Resources"])
        found += [user["id"] for user in page["Resources"]]
    assert (len(found), found) == (8, sorted(set(found)))


async def test_what_is_too_small_or_too_large_is_taken_as_it_can_be(directory: Directory) -> None:
    await directory.made()
    for query, users in {"count=0": 0, "count=-1": 0, "startIndex=-3&count=1": 1, "count=9999": 2}.items():
        page = await directory.ok("GET", f"?{query}")
        assert (len(page["Resources"]), page["totalResults"]) == (users, 2), query


async def test_sorting_is_said_to_be_unsupported_and_left_out(directory: Directory) -> None:
    provider = (await directory.company.client.get("/scim/v2/ServiceProviderConfig")).json()
    assert provider["sort"] == {"supported": False}
    assert (await directory.ok("GET", "?sortBy=userName&sortOrder=descending"))["totalResults"] == 1


CUTS = {
    "attributes=userName": {"schemas", "id", "userName"},
    "attributes=username,emails.value": {"schemas", "id", "userName", "emails"},
    "attributes=id": {"schemas", "id"},
    "excludedAttributes=emails,id,externalId,meta,name,active,displayName,userName": {"schemas", "id", "urn"},
}


async def test_only_what_is_asked_for_is_told(directory: Directory) -> None:
    made = await directory.made()
    for query, left in CUTS.items():
        one = await directory.ok("GET", f"/{made['id']}?{query}")
        [listed] = [u for u in (await directory.ok("GET", f"?{query}"))["Resources"] if u["id"] == made["id"]]
        assert {name.partition(":")[0] for name in one} == left
        assert one == listed


async def test_a_part_of_an_attribute_can_be_asked_for_or_left_out(directory: Directory) -> None:
    made = await directory.made()
    some = await directory.ok("GET", f"/{made['id']}?attributes=emails.value")
    assert some["emails"] == [{"value": "yui@acme.example"}]
    rest = await directory.ok("GET", f"/{made['id']}?excludedAttributes=emails.value,meta.version")
    assert rest["emails"] == [{"type": "work"}]
    assert "version" not in rest["meta"]


async def test_a_search_may_be_asked_in_a_body(directory: Directory) -> None:
    await directory.made()
    body = {"filter": EXTERNAL, "attributes": ["userName"], "startIndex": 1, "count": 10}
    for path in ("/.search", "/../.search"):
        found = await directory.ok("POST", path, body)
        assert [user["userName"] for user in found["Resources"]] == ["yui@acme.example"]
        assert set(found["Resources"][0]) == {"schemas", "id", "userName"}


async def test_the_schemas_name_the_companys_departments(directory: Directory, acme: Company) -> None:
    await acme.ok("PUT", "/v1/departments/hr", {"title": "人事部"})
    found = (await acme.client.get("/scim/v2/Schemas")).json()
    [member] = [schema for schema in found["Resources"] if "ashiato" in schema["id"]]
    assert member["attributes"][1]["canonicalValues"] == ["hr"]
    assert (await acme.client.get(f"/scim/v2/Schemas/{member['id']}")).json() == member


def test_of_those_with_one_user_name_who_is_active_is_seen() -> None:
    seen = {member.id: member for member in people(TENANT)}
    assert seen[EMI].email == address("emi")
    assert {AIKO, KANA} <= set(seen)
