"""Every permission on every route, over HTTP: the answer is exactly what the table says."""

import pytest

from domain.tenants.permissions import EVERYONE, MAY, Permission
from services.api.endpoint import MEMBER, OPEN, Endpoint
from services.api.routes import ENDPOINTS
from tests.services.api.people import everyone
from tests.services.api.stages import Stage, prepared
from tests.services.api.world import Company, World

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.needs is not OPEN]


def may(endpoint: Endpoint, permission: Permission) -> bool:
    return endpoint.needs is MEMBER or permission in MAY[endpoint.needs]


def expected(endpoint: Endpoint, permission: Permission) -> tuple[bool, str]:
    """To a partner every procedure is unknown when a run is to be started: they may start none anyway."""
    if may(endpoint, permission):
        return True, ""
    hidden = permission == "partner" and "start_run" in endpoint.carries_out
    return False, "/problems/not_found" if hidden else "/problems/not_permitted"


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda e: e.name)
async def test_a_route_is_for_those_whom_the_table_names(api: World, acme: Company, endpoint: Endpoint) -> None:
    await acme.ok("PUT", "/v1/plan", {"plan": "enterprise"})
    people = await everyone(api, acme)
    told: dict[str, tuple[bool, str]] = {}
    for permission in sorted(EVERYONE):
        stage = Stage(api, acme, people[permission], permission)
        where, body = await prepared(stage, endpoint)
        before = api.events()
        answer = await stage.asker.client.request(endpoint.method, where, json=body)
        problem = answer.json().get("type", "") if answer.status_code >= 300 else ""
        told[permission] = answer.status_code < 300, problem
        if endpoint.carries_out and not may(endpoint, permission):
            assert api.events() - before <= 1, "a refusal writes nothing but its record"
        if endpoint.carries_out and may(endpoint, permission):
            assert api.events() > before, f"{permission}: expected something to happen, or the state was no test"
    assert told == {permission: expected(endpoint, permission) for permission in sorted(EVERYONE)}
