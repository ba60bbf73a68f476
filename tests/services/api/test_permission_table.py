"""Every permission on every route, over HTTP: the answer is exactly what the table says."""

import pytest

from domain.tenants.permissions import EVERYONE, MAY, Permission
from services.api.endpoint import MEMBER, OPEN, OPERATOR, Endpoint
from services.api.routes import ENDPOINTS
from tests.services.api.people import everyone, problem
from tests.services.api.served import company, served
from tests.services.api.stage import Stage
from tests.services.api.stages import prepared
from tests.services.api.world import World

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.needs not in (OPEN, OPERATOR)]


def may(endpoint: Endpoint, permission: Permission) -> bool:
    return endpoint.needs is MEMBER or permission in MAY[endpoint.needs]


def expected(endpoint: Endpoint, permission: Permission) -> tuple[bool, str]:
    """To a partner every procedure is unknown when a run is to be started: they may start none anyway."""
    if may(endpoint, permission):
        return True, ""
    hidden = permission == "partner" and "start_run" in endpoint.carries_out
    return False, "not_found" if hidden else "not_permitted"


async def answered(stage: Stage, endpoint: Endpoint) -> tuple[bool, str]:
    """Whether it succeeded, or else the problem; a success changes something, a refusal nothing but its record."""
    where, body = await prepared(stage, endpoint)
    before = stage.api.events()
    answer = await stage.asker.client.request(endpoint.method, where, json=body)
    succeeded, appended = answer.status_code < 300, stage.api.events() - before
    if endpoint.carries_out:
        assert (appended > 0 if succeeded else appended <= 1), (stage.permission, appended, answer.text)
    return succeeded, "" if succeeded else problem(answer)


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda e: e.name)
async def test_a_route_is_for_those_whom_the_table_names(api: World, endpoint: Endpoint) -> None:
    async with served(api) as server:
        acme = await company(server)
        people = await everyone(server, acme)
        told = {p: await answered(Stage(server, acme, people[p], p), endpoint) for p in sorted(EVERYONE)}
    assert told == {permission: expected(endpoint, permission) for permission in sorted(EVERYONE)}
