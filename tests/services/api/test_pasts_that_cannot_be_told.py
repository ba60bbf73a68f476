"""A past that holds what this program cannot fold is refused, and says by which read model and where; never guessed."""

import psycopg
import pytest

from projections.engine import Projection
from projections.progress import progress
from projections.trail import trail
from tests.infra.read_store.poison import SECRET, poisoned, unstorable
from tests.services.api.world import Company, World
from tests.tampering import GUARD, UNGUARD

REFUSED = "/problems/cannot_be_folded"


@pytest.mark.parametrize(
    ("projection", "paths"),
    [(progress, ("runs", "runs/{run}", "progress/procedures")), (trail, ("trail", "trail?stream={run}"))],
    ids=["progress", "trail"],
)
async def test_the_past_of_an_event_that_cannot_be_folded_is_refused_and_that_before_it_is_told(
    acme: Company, api: World, projection: Projection, paths: tuple[str, ...]
) -> None:
    run = await acme.run()
    done = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {})
    seq = done["seq"] - 1
    with poisoned(projection, {seq}):
        await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
        for path in paths:
            at = f"/v1/{path.format(run=run)}"
            mark = "&" if "?" in at else "?"
            answer = await acme.client.get(f"{at}{mark}as_of={seq}")
            assert (answer.status_code, answer.json()["type"]) == (409, REFUSED), at
            assert (answer.json()["projection"], answer.json()["seq"]) == (projection.name, seq)
            assert SECRET not in answer.text
            assert (await acme.client.get(f"{at}{mark}as_of={seq - 1}")).status_code == 200


async def test_the_past_of_a_row_that_postgresql_refuses_is_refused(acme: Company, api: World) -> None:
    run = await acme.run()
    done = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {})
    with unstorable(progress, {done["seq"] - 1}, lambda row: setattr(row, "total", 2**40)):
        now = await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
        assert [one["done"] for one in now["items"]] == [0]
        answer = await acme.client.get(f"/v1/runs?as_of={done['seq']}")
    assert (answer.status_code, answer.json()["type"]) == (409, REFUSED)
    assert (answer.json()["projection"], answer.json()["seq"]) == ("progress", done["seq"] - 1)


async def test_what_cannot_be_read_from_the_log_is_said_by_replays_and_pasts(acme: Company, api: World) -> None:
    run = await acme.run()
    done = await acme.ok("PUT", f"/v1/runs/{run}/steps/first/completion", {})
    await acme.ok("GET", f"/v1/runs?wait_for={api.events()}")
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET body = '{' WHERE position = %s", (done["seq"] - 1,))
        connection.execute(GUARD)
    for path in (f"runs/{run}/replay", f"runs?as_of={done['seq']}"):
        answer = await acme.client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["type"]) == (409, REFUSED), path
