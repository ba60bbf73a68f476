"""PATCH as the standard has it, and as Entra ID and Okta send it."""

from typing import Any

from services.api.scim.names import MEMBER, USER
from tests.services.api.scim.conftest import Directory
from tests.services.api.world import Company

WORK = 'emails[type eq "work"].value'


TO_LET_GO: dict[str, dict[str, Any]] = {
    "entra": {"op": "Replace", "path": "active", "value": "False"},
    "okta": {"op": "replace", "value": {"active": False}},
    "add": {"op": "Add", "path": "active", "value": "false"},
    "schema": {"op": "replace", "path": f"{USER}:active", "value": False},
    "id": {"op": "replace", "value": {"id": "x", "active": False}},
    "within": {"op": "replace", "value": {f"{USER}:active": False}},
}
TO_READDRESS: dict[str, dict[str, Any]] = {
    "entra": {"op": "Replace", "path": WORK, "value": "New-entra@acme.example"},
    "add": {"op": "Add", "path": WORK, "value": "new-add@acme.example"},
    "okta": {"op": "replace", "path": "emails", "value": [{"value": "new-okta@acme.example", "primary": True}]},
    "within": {"op": "replace", "value": {WORK: "new-within@acme.example"}},
    "part": {"op": "replace", "path": "emails.value", "value": "new-part@acme.example"},
}


async def test_every_way_to_let_someone_go_is_understood(directory: Directory) -> None:
    answers = {
        name: (await directory.patched(await directory.made(name), operation))["active"]
        for name, operation in TO_LET_GO.items()
    }
    assert answers == dict.fromkeys(TO_LET_GO, False)


async def test_an_address_changes_and_the_user_name_stays(directory: Directory) -> None:
    for name, operation in TO_READDRESS.items():
        changed = await directory.patched(await directory.made(name), operation)
        assert changed["emails"][0]["value"] == f"new-{name}@acme.example"
        assert changed["userName"] == f"{name}@acme.example"


async def test_an_address_follows_the_user_name_that_stands_for_both(directory: Directory) -> None:
    changed = await directory.patched(
        await directory.made(), {"op": "replace", "path": "userName", "value": "New@acme.example"}
    )
    assert (changed["userName"], changed["emails"][0]["value"]) == ("new@acme.example", "new@acme.example")


async def test_a_user_name_need_not_be_an_address(directory: Directory) -> None:
    made = await directory.made(userName="YUI.tanaka", emails=[{"value": "yui@acme.example"}])
    assert (made["userName"], made["emails"][0]["value"]) == ("yui.tanaka", "yui@acme.example")
    assert await directory.refused("POST", "", {"userName": "rei.tanaka"}) == (400, "invalidValue")


async def test_of_several_addresses_the_primary_one_is_kept(directory: Directory) -> None:
    several = [{"value": "home@acme.example", "type": "home"}, {"value": "w@acme.example", "type": "work"}]
    assert (await directory.made(emails=several))["emails"] == [{"value": "w@acme.example", "type": "work"}]
    primary = [*several, {"value": "p@acme.example", "primary": True}]
    assert (await directory.made("rei", emails=primary))["emails"][0]["value"] == "p@acme.example"


async def test_names_are_put_together_in_the_order_of_their_script(directory: Directory) -> None:
    body = {"userName": "a@acme.example", "name": {"givenName": "花子", "familyName": "佐藤"}}
    assert (await directory.ok("POST", "", body))["displayName"] == "佐藤 花子"
    body = {"userName": "b@acme.example", "name": {"givenName": "Ada", "familyName": "King"}}
    made = await directory.ok("POST", "", body)
    assert made["displayName"] == made["name"]["formatted"] == "Ada King"


async def test_whichever_name_is_new_counts(directory: Directory) -> None:
    made = await directory.made()
    replaced = await directory.ok("PUT", f"/{made['id']}", {**made, "name": {"formatted": "結"}})
    assert replaced["displayName"] == replaced["name"]["formatted"] == "結"


async def test_several_operations_are_one_change(directory: Directory) -> None:
    made = await directory.made()
    changed = await directory.patched(
        made,
        {"op": "Replace", "path": "displayName", "value": "結"},
        {"op": "Replace", "path": "externalId", "value": "other"},
        {"op": "Remove", "path": f"{MEMBER}:department"},
        {"op": "Add", "path": f"{MEMBER}:permission", "value": "manager"},
    )
    assert (changed["displayName"], changed["externalId"]) == ("結", "other")
    assert changed[MEMBER] == {"permission": "manager"}


async def test_operations_are_all_done_or_none(directory: Directory) -> None:
    made = await directory.made()
    operations = [
        {"op": "replace", "path": "displayName", "value": "結"},
        {"op": "replace", "path": f"{MEMBER}:department", "value": "moon"},
    ]
    assert (await directory.refused("PATCH", f"/{made['id']}", {"Operations": operations}))[0] == 400
    assert await directory.ok("GET", f"/{made['id']}") == made


async def test_an_external_id_is_taken_away(directory: Directory) -> None:
    changed = await directory.patched(await directory.made(), {"op": "remove", "path": "externalId"})
    assert "externalId" not in changed


PASSED_OVER = (
    "title",
    'phoneNumbers[type eq "work"].value',
    'emails[type eq "home"].value',
    "name.givenName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
)


async def test_what_nothing_is_kept_of_is_passed_over(directory: Directory) -> None:
    made = await directory.made()
    for path in PASSED_OVER:
        assert await directory.patched(made, {"op": "Add", "path": path, "value": "x"}) == made
        assert await directory.patched(made, {"op": "Remove", "path": path}) == made


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown attribute": ({"op": "replace", "path": "nmae", "value": "x"}, "invalidPath"),
    "the server's own": ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
    "what is needed": ({"op": "remove", "path": "displayName"}, "mutability"),
    "the only address": ({"op": "remove", "path": "emails"}, "mutability"),
    "no path": ({"op": "remove"}, "invalidPath"),
    "another verb": ({"op": "move", "path": "active", "value": True}, "invalidValue"),
    "no boolean": ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
    "no text": ({"op": "replace", "path": "displayName", "value": 1}, "invalidValue"),
    "no object": ({"op": "replace", "value": "x"}, "invalidValue"),
    "no permission": ({"op": "add", "path": f"{MEMBER}:permission", "value": "king"}, "invalidValue"),
    "a broken filter": ({"op": "add", "path": 'emails[type eq "].value', "value": "a@b.example"}, "invalidFilter"),
}


async def test_what_cannot_be_changed_is_refused(directory: Directory) -> None:
    made = await directory.made()
    answers = {
        name: await directory.refused("PATCH", f"/{made['id']}", {"Operations": [operation]})
        for name, (operation, _) in REFUSED.items()
    }
    assert answers == {name: (400, kind) for name, (_, kind) in REFUSED.items()}


async def test_nobody_takes_anothers_name(directory: Directory) -> None:
    made = await directory.made()
    await directory.made("rei")
    for path in ("userName", WORK):
        taken = {"op": "replace", "path": path, "value": "REI@acme.example"}
        answer = await directory.refused("PATCH", f"/{made['id']}", {"Operations": [taken]})
        assert answer == (409, "uniqueness")


async def test_an_admin_cannot_make_owners(directory: Directory, acme: Company) -> None:
    made = await directory.made("adm", **dict[str, Any]({MEMBER: {"permission": "admin"}}))
    key = await acme.ok("POST", "/v1/api-keys", {"label": "directory", "member": made["id"], "reason": "SCIM"})
    answer = await acme.client.patch(
        f"/scim/v2/Users/{made['id']}",
        json={"Operations": [{"op": "add", "path": f"{MEMBER}:permission", "value": "owner"}]},
        headers={"authorization": f"Bearer {key['secret']}"},
    )
    assert answer.status_code == 403
