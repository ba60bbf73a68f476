"""Whatever is sent, the answer is a problem that says what was expected, and nothing has changed."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.ids import uuid7
from services.api.endpoint import Endpoint
from services.api.routes import ENDPOINTS
from services.api.scim.names import ERROR
from tests.services.api.samples import SLUGS, bodies, ids_of, path
from tests.services.api.test_isolation import IDS
from tests.services.api.world import Company, World, world

NASTY_TEXTS = ("\x00", "a\x00b", "\ud800", "\udc00x", "", " ", "a" * 20_001, "9" * 400, "../..", "%", "{run}", "\u202e")
NASTY_VALUES: tuple[Any, ...] = (*NASTY_TEXTS, None, True, -1, 10**40, 1e308, [], {}, [[]], {"\x00": 1}, {"\ud800": 1})
NASTY_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b'{"a":\xff}',
    b"\xef\xbb\xbf{}",
    b'{"reason":NaN}',
    b'{"reason":1e999}',
    b'{"reason":"\\ud800"}',
    b'{"reason":"\\udc00\\ud800"}',
    b'{"reason":"a\\u0000"}',
    b'{"reason":"a","reason":"b"}',
    b'{"\\u0000":1}',
    b'{"occurred_at":"0000-00-00T00:00:00Z"}',
    b'{"occurred_at":"9999-12-31T23:59:59-23:59"}',
    b'{"occurred_at":"0001-01-01T00:00:00+23:59"}',
    b'{"values":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"definition":' + b'{"steps":[' * 5_000 + b"]}" * 5_000 + b"}",
)
NASTY_QUERIES = (
    "as_of=%00",
    "as_of=",
    "as_of=yesterday",
    "as_of=99999999999999999999",
    "as_of=999999999",
    "as_of=2999-01-01T00:00:00Z",
    "as_of=0000-01-01T00:00:00Z",
    "as_of=0001-01-01T00:00:00%2B23:00",
    "as_of=2026-02-30T00:00:00Z",
    "as_of=2026-01-01",
    "as_of=-1",
    "as_of=1&as_of=2",
    "wait_for=-1",
    "wait_for=99999999999999999999",
    "wait_for=9007199254740992",
    "cursor=%00",
    "cursor=x",
    "cursor=bnVsbA",
    "cursor=W10",
    "cursor=WyJcdTAwMDAiLCAiXHUwMDAwIl0",
    "limit=0",
    "limit=501",
    "limit=x",
    "%ff=%fe",
    "\x80",
    "&".join(f"a{n}=1" for n in range(100)),
    "as-of=1",
)


def is_a_problem(answer: httpx2.Response) -> bool:
    if not 400 <= answer.status_code < 500 and answer.status_code != 504:
        return False
    found = answer.json()
    if answer.headers["content-type"] == "application/scim+json":
        return bool(found["schemas"] == [ERROR] and found["detail"].startswith("expected"))
    return answer.headers["content-type"] == "application/problem+json" and found["detail"].startswith("expected")


async def ask(company: Company, method: str, where: str, raw: bytes) -> httpx2.Response:
    return await company.client.request(method, where, content=raw, headers={"content-type": "application/json"})


def mutants(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with one field after the other replaced by everything nasty."""
    for name in (*body, "reason", "occurred_at", "unknown"):
        for value in NASTY_VALUES:
            yield {**body, name: value}
        if isinstance(body.get(name), dict):
            yield from ({**body, name: inner} for inner in mutants(body[name]) if name != "definition")


@pytest.fixture
async def ids(acme: Company) -> dict[str, str]:
    return await ids_of(acme)


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.body is not None], ids=lambda e: e.name)
async def test_no_body_makes_the_server_or_a_read_model_fail(
    api: World, acme: Company, ids: dict[str, str], endpoint: Endpoint
) -> None:
    body = bodies(ids).get(endpoint.name, {})
    raws = [*NASTY_BODIES, *(json.dumps(mutant).encode() for mutant in mutants(body))]
    where = path(endpoint, {**ids, "run": uuid7()} if endpoint.name == "start_run_as" else ids)
    failed = [raw[:80] for raw in raws if (await ask(acme, endpoint.method, where, raw)).status_code >= 500]
    assert failed == []
    assert (await api.as_(acme.key).get(f"/v1/departments?wait_for={api.events(acme)}")).status_code in (200, 401)


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.parameters], ids=lambda e: e.name)
async def test_no_path_makes_the_server_fail(acme: Company, ids: dict[str, str], endpoint: Endpoint) -> None:
    body = json.dumps(bodies(ids).get(endpoint.name, {})).encode()
    for name in endpoint.parameters:
        for text in NASTY_TEXTS:
            where = path(endpoint, {**ids, name: quote(text, safe="", errors="surrogatepass")})
            answer = await ask(acme, endpoint.method, where, body)
            assert is_a_problem(answer), (where[:100], answer.status_code, answer.text[:200])


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method == "GET" and e.query], ids=lambda e: e.name)
async def test_no_query_makes_the_server_fail(acme: Company, ids: dict[str, str], endpoint: Endpoint) -> None:
    where = endpoint.path.format_map({**SLUGS, **ids})
    own = [f"{query.name}={quote(text, errors='surrogatepass')}" for query in endpoint.query for text in NASTY_TEXTS]
    for query in (*NASTY_QUERIES, *own):
        answer = await acme.client.get(f"{where}?{query}")
        assert answer.status_code < 300 or is_a_problem(answer), (query[:80], answer.status_code, answer.text[:200])


async def test_a_query_that_is_not_understood_is_refused(acme: Company) -> None:
    asked = [query for query in NASTY_QUERIES if not query.startswith(("wait_for=9007", "cursor", "limit"))]
    answers = {query: (await acme.client.get(f"/v1/departments?{query}")).status_code for query in asked}
    assert answers == dict.fromkeys(asked, 422)


async def test_a_body_that_is_not_understood_changes_nothing(api: World, acme: Company) -> None:
    where = f"/v1/runs/{await acme.run()}/steps/first/completion"
    before = api.events()
    asked = [raw for raw in NASTY_BODIES if raw and b'"b"' not in raw]
    answers = [await ask(acme, "PUT", where, raw) for raw in asked]
    assert [raw[:40] for raw, answer in zip(asked, answers, strict=True) if not is_a_problem(answer)] == []
    assert api.events() == before


async def test_of_a_field_that_is_there_twice_the_last_one_counts(acme: Company) -> None:
    where = f"/v1/runs/{await acme.run()}/steps/first/completion"
    done = (await ask(acme, "PUT", where, b'{"reason":"a","reason":"b"}')).json()
    found = await acme.ok("GET", f"/v1/trail?type=run.step_completed&wait_for={done['seq']}")
    assert [entry["reason"] for entry in found["items"]] == ["b"]


async def test_a_wrong_type_in_a_form_is_named(acme: Company) -> None:
    where = f"/v1/runs/{await acme.run()}/steps/first/completion"
    answer = await acme.client.put(where, json={"values": {"note": [1]}})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "note")


async def test_a_misspelt_field_is_named(acme: Company) -> None:
    definition = (await acme.ok("GET", "/v1/starter-procedures/it-1"))["definition"]
    definition["steps"][1]["aproval"] = True
    answer = await acme.client.put(f"/v1/procedures/{uuid7()}/draft", json={"definition": definition})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "definition.steps[1].aproval")


async def test_a_cycle_in_a_procedure_is_named(acme: Company) -> None:
    definition = (await acme.ok("GET", "/v1/starter-procedures/it-1"))["definition"]
    definition["steps"][0]["after"] = [definition["steps"][-1]["id"]]
    answer = await acme.client.put(f"/v1/procedures/{uuid7()}/draft", json={"definition": definition})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/definition_invalid")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_not_read(api: World, acme: Company, declared: bool) -> None:
    most = api.deps.settings.most_body

    async def chunks() -> Any:
        for _ in range(most // 100_000 + 2):
            yield b" " * 100_000

    content = b" " * (most + 1) if declared else chunks()
    where = f"/v1/runs/{await acme.run()}/comments"
    answer = await acme.client.post(where, content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["most"]) == (413, most)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=x"])
async def test_a_body_that_is_not_declared_as_json_is_refused(acme: Company, kind: str) -> None:
    answer = await acme.client.put("/v1/plan", content=b'{"plan":"pro"}', headers={"content-type": kind})
    assert answer.status_code == 415


async def test_a_path_that_is_none_is_refused(api: World) -> None:
    for where in ("/v1", "/v1/", "/v1/nothing", "/nowhere", "/v1/runs//steps", "/v1/%00"):
        answer = await api.client.get(where)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no_such_path"), where


ALLOWED = "DELETE, GET, PUT"


async def test_a_method_that_is_none_is_refused(acme: Company) -> None:
    answer = await acme.client.patch("/v1/plan")
    assert (answer.status_code, answer.json()["allowed"], answer.headers["allow"]) == (405, ALLOWED, ALLOWED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
RAW = st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
PART = st.text(max_size=12) | st.sampled_from([*NASTY_TEXTS])


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_chance_never_makes_the_server_fail(database: str, data: st.DataObject) -> None:
    async with world(database) as api:
        acme = await api.company("Acme")
        known = {name: uuid7() for name in IDS} | {"run": await acme.run()}
        for _ in range(40):
            endpoint = data.draw(st.sampled_from(ENDPOINTS))
            chosen = {
                name: quote(data.draw(PART | st.just(known.get(name, "first"))), safe="", errors="surrogatepass") or "-"
                for name in endpoint.parameters
            }
            names = [query.name for query in endpoint.query] or ["as_of"]
            query = f"{data.draw(st.sampled_from(names))}={quote(data.draw(PART), errors='surrogatepass')}"
            where = endpoint.path.format_map(chosen) + data.draw(st.sampled_from(["", f"?{query}"]))
            answer = await ask(acme, endpoint.method, where, data.draw(RAW))
            assert answer.status_code < 300 or is_a_problem(answer), (where, answer.status_code, answer.text)
