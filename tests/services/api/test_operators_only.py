"""Figures of all companies together are for the operator: by a token, or from the machine itself."""

import httpx2
import pytest

from services.api.deps import Settings
from tests.services.api.world import BASE, World, world

TOKEN = "a-token-of-twenty-characters"


def asking(api: World, peer: str, **headers: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(api.app, raise_app_exceptions=False, client=(peer, 1))
    return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers)


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 403), ("", 403)])
async def test_without_a_token_only_this_machine_sees_figures(api: World, peer: str, status: int) -> None:
    answer = await asking(api, peer).get("/metrics")
    assert answer.status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_what_comes_through_a_proxy_is_not_from_this_machine(api: World, header: str) -> None:
    answer = await asking(api, "127.0.0.1", **{header: "203.0.113.9"}).get("/metrics")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/operators_only")


@pytest.mark.parametrize(("shown", "status"), [(TOKEN, 200), ("another-token-altogether", 403), ("", 403)])
async def test_with_a_token_only_who_shows_it_sees_figures(database: str, shown: str, status: int) -> None:
    async with world(database, settings=Settings(operator_token=TOKEN)) as api:
        answer = await asking(api, "127.0.0.1", authorization=f"Bearer {shown}").get("/metrics")
    assert answer.status_code == status


async def test_readiness_tells_the_lag_to_the_operator_alone(api: World) -> None:
    assert "lag" in (await asking(api, "127.0.0.1").get("/readyz")).json()
    assert (await asking(api, "203.0.113.9").get("/readyz")).json() == {"status": "ready"}
