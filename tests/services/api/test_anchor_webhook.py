"""A company says where its checkpoints go: to a server of its own over TLS, and nowhere into our network."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from domain.services import OPERATOR
from infra.settings import Settings
from services.anchorer import Anchorer
from services.webhooks import send_to
from tests.infra.evidence.certificates import local_tls
from tests.infra.evidence.listening import Heard, listening
from tests.infra.evidence.logs import signer_connection
from tests.services.api.people import problem
from tests.services.api.world import SETTINGS, Company, World, world

PATH = "/v1/checkpoints/webhook"
WHY = {"reason": "監査法人に預ける"}


def addresses(dsn: str) -> list[tuple[str | None, str, str]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT url, set_by, reason FROM anchor_webhooks ORDER BY set_at").fetchall()


async def test_its_own_server_gets_the_signed_note_over_tls(database: str, tmp_path: Path) -> None:
    roots, tls = local_tls(tmp_path)
    with listening(lambda _: (204, b""), tls) as heard:
        host = urlsplit(heard.url).netloc
        async with world(database, settings=replace(SETTINGS, webhook_hosts=(host,))) as api:
            await sent_over_tls(api, await api.company("Acme"), heard, roots)


async def sent_over_tls(api: World, acme: Company, heard: Heard, roots: Path) -> None:
    host = urlsplit(heard.url).netloc
    with signer_connection(api.dsn) as connection:
        done = await acme.ok("PUT", PATH, {"url": heard.url, **WHY})
        held = await acme.ok("GET", "/v1/checkpoints/latest")
        for settings, arrived in (
            (Settings(), 0),  # it is in no public network
            (Settings(webhook_hosts=(host,)), 0),  # nobody vouches for its certificate
            (Settings(webhook_hosts=(host,), webhook_roots=roots), 1),
            (Settings(webhook_hosts=(host,), webhook_roots=roots), 0),  # it has that one
        ):
            anchorer = Anchorer(api.dsn, settings)
            anchorer.once(connection)
            assert anchorer.anchored == arrived
        [(headers, body)] = heard.requests
        assert body.decode() == held["note"]
        assert headers["ashiato-checkpoint"] == str(held["size"])
        await acme.ok("PUT", PATH, {"url": None, **WHY})
        await acme.ok("GET", "/v1/checkpoints/latest")
        Anchorer(api.dsn, Settings(webhook_hosts=(host,), webhook_roots=roots)).once(connection)
        assert len(heard.requests) == 1
    assert addresses(api.dsn) == [(heard.url, acme.owner, WHY["reason"]), (None, acme.owner, WHY["reason"])]
    entry = (await acme.ok("GET", f"/v1/trail?type=tenant.anchor_webhook_set&wait_for={done['seq']}"))["items"][0]
    assert (entry["old"], entry["new"], entry["reason"]) == ({"address": None}, {"address": heard.url}, WHY["reason"])


@pytest.mark.parametrize(
    "url",
    [
        "http://audit.example/checkpoints",
        "https://127.0.0.1/",
        "https://10.0.0.7/checkpoints",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.7]/",
        "https://user:word@audit.example/",
        "https://audit.example/#part",
        "https://audit.example:99999/",
        "https://audit.example:8443/",
        "https://監査.example/",
        "ftp://audit.example/",
        "https://",
        "",
    ],
)
async def test_an_address_that_leads_elsewhere_is_refused(api: World, acme: Company, url: str) -> None:
    answer = await acme.client.put(PATH, json={"url": url, **WHY})
    assert (answer.status_code, problem(answer)) == (422, "invalid_input")
    assert addresses(api.dsn) == []


async def test_an_address_is_set_once_and_never_without_a_reason(api: World, acme: Company) -> None:
    url = "https://audit.example/checkpoints"
    assert problem(await acme.client.put(PATH, json={"url": url})) == "reason_missing"
    assert [(await acme.ok("PUT", PATH, {"url": url, **WHY}))["events"] for _ in range(2)] == [1, 0]
    assert [one for one, _, _ in addresses(api.dsn)] == [url]


async def test_what_the_operator_sets_is_in_the_log_and_counts_until_the_company_says_otherwise(
    api: World, acme: Company
) -> None:
    own, operators = "https://audit.example/own", "https://audit.example/operators"
    assert (await acme.ok("PUT", PATH, {"url": own, **WHY}))["events"] == 1
    await acme.ok("GET", f"/v1/departments?wait_for={api.events(acme)}")
    assert [await send_to(api.dsn, Settings(), "Acme", operators, "Emi", "依頼") for _ in range(2)] == [True, False]
    assert (await acme.ok("PUT", PATH, {"url": own, **WHY}))["events"] == 1
    assert addresses(api.dsn) == [
        (own, acme.owner, WHY["reason"]),
        (operators, OPERATOR.id, "Emi: 依頼"),
        (own, acme.owner, WHY["reason"]),
    ]


async def test_a_host_that_the_operator_allows_may_be_set_though_it_is_not_public(database: str) -> None:
    async with world(database, settings=replace(SETTINGS, webhook_hosts=("10.0.0.7:8443",))) as api:
        acme = await api.company("Acme")
        assert (await acme.ok("PUT", PATH, {"url": "https://10.0.0.7:8443/", **WHY}))["events"] == 1
