"""Who works there, as the directory tells: brought in, changed, let go, deleted."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from scim2_models import URN, Context, Extension, User

from infra.ids import uuid7
from services.api.app import create_app
from services.api.scim.names import MEMBER
from tests.services.api.scim.conftest import Directory
from tests.services.api.world import Company, World, client, definition

PLAN = {"plan": "lite"}
DEACTIVATE = {"op": "replace", "path": "active", "value": False}
REACTIVATE = {"op": "replace", "path": "active", "value": True}
GONE = (("GET", None), ("DELETE", None), ("PATCH", {"Operations": [DEACTIVATE]}))


class AshiatoUser(Extension):
    """Our extension, as others' models have them."""

    __schema__ = URN(MEMBER)
    permission: str | None = None
    department: str | None = None


async def types(api: World, acme: Company) -> list[str]:
    """The types of the company's events, in order, without those of its sign-up."""
    found = await acme.ok("GET", f"/v1/trail?wait_for={api.events(acme)}&limit=500")
    return [entry["type"] for entry in sorted(found["items"], key=lambda entry: entry["seq"])][4:]


async def test_who_is_created_is_there_at_once(directory: Directory) -> None:
    made = await directory.made()
    assert await directory.ok("GET", f"/{made['id']}") == made
    assert made["userName"] == "yui@acme.example"
    assert (made["active"], made["externalId"], made["displayName"]) == (True, "ext-yui", "yui")
    assert made["emails"] == [{"value": "yui@acme.example", "type": "work"}]


async def test_an_answer_is_a_user_to_others_models_too(directory: Directory) -> None:
    made = await directory.made()
    read = User[AshiatoUser].model_validate(made, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    assert (read.user_name, read.name.formatted if read.name else None) == ("yui@acme.example", "yui")


async def test_creating_answers_with_where_it_is(directory: Directory) -> None:
    answer = await directory.send("POST", "", {"userName": "yui@acme.example"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/scim/v2/Users/{answer.json()['id']}" == answer.json()["meta"]["location"]
    assert answer.headers["etag"] == answer.json()["meta"]["version"]


async def test_a_user_name_is_there_once(directory: Directory) -> None:
    await directory.made()
    assert await directory.refused("POST", "", {"userName": "YUI@acme.example"}) == (409, "uniqueness")


async def test_who_signed_up_is_a_user_too(directory: Directory, acme: Company) -> None:
    assert await directory.found('userName eq "emi@acme.example"') == ["emi@acme.example"]
    assert (await directory.ok("GET", f"/{acme.owner}"))["displayName"] == "Emi"


async def test_what_a_member_may_do_can_be_said(directory: Directory, acme: Company) -> None:
    await acme.ok("PUT", "/v1/departments/hr", {"title": "人事部"})
    made = await directory.made("yui", **dict[str, Any]({MEMBER: {"permission": "manager", "department": "hr"}}))
    assert made[MEMBER] == {"permission": "manager", "department": "hr"}
    assert (await directory.made("rei"))[MEMBER] == {"permission": "member"}


async def test_a_department_that_does_not_exist_is_refused(directory: Directory) -> None:
    body = {"userName": "yui@acme.example", MEMBER: {"department": "moon"}}
    assert (await directory.refused("POST", "", body))[0] == 400


async def test_an_invitation_is_used_up(directory: Directory, acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Yui", "email": "yui@acme.example"})
    assert (await directory.refused("GET", f"/{invited['member']}"))[0] == 404
    assert (await directory.made())["id"] == invited["member"]
    accepted = await api.client.post(f"/v1/members/{invited['member']}/acceptance", json={"token": invited["secret"]})
    assert accepted.status_code == 409


async def test_without_a_free_seat_nobody_comes_and_the_refusal_is_on_record(
    directory: Directory, acme: Company, api: World
) -> None:
    await acme.ok("PUT", "/v1/plan", PLAN)
    for number in range(19):
        await directory.made(f"m{number}")
    answer = await directory.send("POST", "", {"userName": "yui@acme.example"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "expected a free seat, but 20 of 20 are held")
    assert (await types(api, acme))[-1] == "command.refused"


async def test_of_many_at_once_as_many_come_as_there_are_seats(directory: Directory, acme: Company) -> None:
    await acme.ok("PUT", "/v1/plan", PLAN)
    sent = [directory.send("POST", "", {"userName": f"m{number}@acme.example"}) for number in range(40)]
    answers = [answer.status_code for answer in await asyncio.gather(*sent)]
    assert (answers.count(201), answers.count(403)) == (19, 21)


async def test_who_is_created_inactive_holds_no_seat(directory: Directory, acme: Company, api: World) -> None:
    await acme.ok("PUT", "/v1/plan", PLAN)
    for number in range(19):
        await directory.made(f"m{number}")
    made = await directory.made(active=False)
    assert made["active"] is False
    refused = await directory.refused("PATCH", f"/{made['id']}", {"Operations": [REACTIVATE]})
    assert refused == (403, None)


async def test_a_leavers_seat_is_free_whatever_they_had_to_do(directory: Directory, acme: Company, api: World) -> None:
    made = await directory.made()
    procedure = uuid7()
    await acme.ok("PUT", f"/v1/procedures/{procedure}/draft", {"definition": definition(made["id"])})
    await acme.ok("POST", f"/v1/procedures/{procedure}/publication")
    await acme.run(procedure)
    held = (await acme.ok("GET", f"/v1/seats?wait_for={api.events(acme)}"))["usage"]["held"]
    assert (await directory.patched(made, DEACTIVATE))["active"] is False
    assert (await acme.ok("GET", f"/v1/seats?wait_for={api.events(acme)}"))["usage"]["held"] == held - 1
    [left] = (await acme.ok("GET", "/v1/trail?type=tenant.member_deactivated"))["items"]
    assert (left["reason"], left["member_id"]) == ("directory (SCIM)", made["id"])


async def test_who_left_comes_back(directory: Directory) -> None:
    made = await directory.made()
    await directory.patched(made, DEACTIVATE)
    assert (await directory.patched(made, REACTIVATE))["active"] is True


async def test_the_last_owner_stays(directory: Directory, acme: Company) -> None:
    for method, body in (("PATCH", {"Operations": [DEACTIVATE]}), ("DELETE", None)):
        assert await directory.refused(method, f"/{acme.owner}", body) == (403, None)


async def test_once_the_trial_is_over_people_can_still_leave(directory: Directory, acme: Company, api: World) -> None:
    made, other = await directory.made(), await directory.made("rei")
    late = Directory(await later(api, acme))
    assert (await late.refused("POST", "", {"userName": "new@acme.example"}))[0] == 403
    renamed = {"op": "replace", "path": "displayName", "value": "結"}
    assert (await late.refused("PATCH", f"/{made['id']}", {"Operations": [renamed]}))[0] == 403
    assert (await late.patched(made, DEACTIVATE, renamed))["active"] is False
    assert (await late.send("DELETE", f"/{other['id']}")).status_code == 204


async def later(api: World, acme: Company) -> Company:
    """The same company, sixteen days on."""
    deps = replace(api.deps, clock=lambda: api.deps.clock() + timedelta(days=16))
    return replace(acme, client=client(create_app(deps), {"authorization": f"Bearer {acme.key}"}))


async def test_who_is_deleted_is_unknown_and_their_history_stays(
    directory: Directory, acme: Company, api: World
) -> None:
    made = await directory.made()
    deleted = await directory.send("DELETE", f"/{made['id']}")
    assert (deleted.status_code, deleted.headers.get("content-length")) == (204, None)
    for method, body in (*GONE, ("PUT", {"userName": "x@y.example"})):
        assert (await directory.refused(method, f"/{made['id']}", body))[0] == 404
    assert await directory.found('userName eq "yui@acme.example"') == []
    assert (await types(api, acme))[-2:] == ["tenant.member_deactivated", "tenant.member_removed"]
    again = await directory.made()
    assert again["id"] != made["id"]


async def test_replacing_takes_away_what_is_not_said(directory: Directory) -> None:
    made = await directory.made()
    replaced = await directory.ok("PUT", f"/{made['id']}", {"userName": "yui2@acme.example", "displayName": "結"})
    assert (replaced["userName"], replaced["displayName"]) == ("yui2@acme.example", "結")
    assert replaced["emails"][0]["value"] == "yui2@acme.example"
    assert "externalId" not in replaced


async def test_replacing_by_the_same_changes_nothing(directory: Directory, api: World) -> None:
    made, before = await directory.made(), api.events()
    assert await directory.ok("PUT", f"/{made['id']}", made) == made
    assert api.events() == before


async def test_a_change_on_another_version_is_refused(directory: Directory) -> None:
    made = await directory.made()
    version = made["meta"]["version"]
    change = {"Operations": [{"op": "replace", "path": "displayName", "value": "結"}]}
    changed = await directory.ok("PATCH", f"/{made['id']}", change, if_match=version)
    assert changed["meta"]["version"] != version
    for method in ("PATCH", "DELETE"):
        assert (await directory.refused(method, f"/{made['id']}", change, if_match=version))[0] == 412


async def test_what_is_known_need_not_be_sent_again(directory: Directory) -> None:
    made = await directory.made()
    answer = await directory.send("GET", f"/{made['id']}", if_none_match=made["meta"]["version"])
    assert (answer.status_code, answer.content) == (304, b"")


async def test_other_members_do_not_see_the_directory(directory: Directory, acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "Aiko", "email": "aiko@acme.example"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    answer = await api.as_(joined["secret"]).get("/scim/v2/Users")
    assert (answer.status_code, answer.json()["status"]) == (403, "403")


async def test_an_admins_key_does_not_let_an_owner_go(directory: Directory, acme: Company, api: World) -> None:
    invited = await acme.ok("POST", "/v1/members", {"name": "A", "email": "a@acme.example", "permission": "admin"})
    joined = await acme.ok("POST", f"/v1/members/{invited['member']}/acceptance", {"token": invited["secret"]})
    answer = await api.as_(joined["secret"]).patch(f"/scim/v2/Users/{acme.owner}", json={"Operations": [DEACTIVATE]})
    assert answer.status_code == 403


async def test_a_wrong_credential_is_refused_in_scims_form(api: World) -> None:
    answer = await api.client.get("/scim/v2/Users")
    assert (answer.status_code, answer.json()["status"]) == (401, "401")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_nothing_of_another_company_is_reached_or_counted(
    directory: Directory, other: Company, api: World
) -> None:
    made = await directory.made()
    foreign = Directory(other)
    unknown = (await foreign.send("GET", f"/{uuid7()}")).json()
    assert (await foreign.send("GET", f"/{made['id']}")).json() == unknown
    for method, body in (("PUT", made), ("PATCH", {"Operations": [DEACTIVATE]}), ("DELETE", None)):
        assert (await foreign.refused(method, f"/{made['id']}", body))[0] == 404
    assert await foreign.found('userName co "acme" or active eq true') == ["emi@other.example"]
    assert (await directory.ok("GET", f"/{made['id']}")) == made


async def test_another_company_may_have_the_same_user_name(directory: Directory, other: Company) -> None:
    await directory.made()
    assert (await Directory(other).made())["userName"] == "yui@acme.example"
