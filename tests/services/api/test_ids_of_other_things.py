"""An id of one kind is unknown as any other kind: a run's id names no procedure."""

import itertools

import pytest

from infra.ids import uuid7
from tests.services.api.world import Company, World, definition


def _run_of(procedure: str) -> dict[str, object]:
    return {"procedure": procedure, "subject": "x", "anchors": {"day": "2026-04-01"}}


async def _ids(acme: Company) -> dict[str, str]:
    procedure = await acme.procedure()
    return {"tenant": acme.tenant, "procedure": procedure, "run": await acme.run(procedure)}


@pytest.mark.parametrize("warm", [True, False])
async def test_a_command_on_the_wrong_kind_of_id_finds_nothing(api: World, acme: Company, warm: bool) -> None:
    ids = await _ids(acme)
    if not warm:
        api.deps.commands._held._cache._known.clear()
    before = api.events()
    draft = {"definition": definition(acme.owner)}
    tries = [
        *(("PUT", f"/v1/procedures/{ids[kind]}/draft", draft) for kind in ("run", "tenant")),
        *(("POST", f"/v1/procedures/{ids[kind]}/publication", None) for kind in ("run", "tenant")),
        *(("DELETE", f"/v1/procedures/{ids[kind]}", None) for kind in ("run", "tenant")),
        *(("PUT", f"/v1/runs/{ids[kind]}/steps/first/completion", {}) for kind in ("procedure", "tenant")),
        *(("PUT", f"/v1/runs/{ids[kind]}", _run_of(ids["procedure"])) for kind in ("procedure", "tenant")),
        *(("PUT", f"/v1/runs/{uuid7()}", _run_of(ids[kind])) for kind in ("run", "tenant")),
        *(("GET", f"/v1/procedures/{ids[kind]}", None) for kind in ("run", "tenant")),
        *(("GET", f"/v1/runs/{ids[kind]}", None) for kind in ("procedure", "tenant")),
    ]
    statuses = [(await acme.client.request(method, path, json=body)).status_code for method, path, body in tries]
    assert statuses == [404] * len(tries)
    assert api.events() == before


async def test_an_id_is_unknown_whatever_was_looked_for_before(acme: Company) -> None:
    ids = await _ids(acme)
    found = [
        (await acme.client.get(path)).status_code
        for path in itertools.chain(*[(f"/v1/runs/{i}", f"/v1/procedures/{i}") for i in (ids["run"], ids["procedure"])])
    ]
    assert found == [404, 404, 404, 200]
