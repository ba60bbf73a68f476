"""What a company may know of its read models: how far they are in its own log, and which of its streams wait."""

from typing import Any

import psycopg

from projections.catalogue import PROJECTIONS
from tests.services.api.world import Company, World

PARK = """
    INSERT INTO parked_streams (tenant_id, projection, stream_id, version, seq, position, type, error)
    SELECT tenant_id, 'progress', stream_id, version, tenant_seq, position, type, 'KeyError at words.py:1 f'
    FROM events WHERE tenant_id = %s AND tenant_seq = 1
"""


async def models(company: Company, seq: int) -> dict[str, dict[str, Any]]:
    answer = await company.ok("GET", f"/v1/projections?wait_for={seq}")
    return {one["name"]: one for one in answer["items"]}


async def test_read_models_are_through_the_companys_last_event(acme: Company, other: Company, api: World) -> None:
    last = api.events(acme)
    found = await models(acme, last)
    assert set(found) == {projection.name for projection in PROJECTIONS}
    assert {(one["seq"], one["through"], one["parked"]) for one in found.values()} == {(last, True, 0)}


async def test_a_stream_that_waits_is_told_to_its_company_alone(acme: Company, other: Company, api: World) -> None:
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute(PARK, (acme.tenant,))
    found = await models(acme, api.events(acme))
    assert found["progress"]["parked"] == 1
    [waits] = found["progress"]["waiting"]
    assert (waits["stream"], waits["seq"], waits["version"]) == (acme.tenant, 1, 1)
    assert "error" not in waits
    assert found["tasks"]["parked"] == 0
    theirs = await models(other, api.events(other))
    assert theirs["progress"]["parked"] == 0
    assert theirs["progress"]["waiting"] == []
