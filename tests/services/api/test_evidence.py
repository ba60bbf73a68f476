"""Checkpoints and proofs over HTTP: an auditor checks them with nothing but the published keys."""

from base64 import b64decode
from typing import Any

import psycopg
import pytest

from domain.evidence.notes import Verifier, is_signed_by, read_checkpoint, read_note
from domain.evidence.proofs import proves_consistency, proves_inclusion
from infra.evidence.keys import verify
from tests.domain.evidence.naive import mth
from tests.infra.evidence.logs import leaves
from tests.services.api.people import join, problem
from tests.services.api.world import Company, World
from tests.tampering import UNGUARD


async def keys_of(api: World, company: Company) -> list[Verifier]:
    answer = await api.client.get("/.well-known/checkpoint-keys")
    assert answer.headers["cache-control"] == "public, max-age=300"
    return [Verifier(f"{key['name']}/{company.tenant}", b64decode(key["public_key"])) for key in answer.json()["items"]]


async def proof(company: Company, kind: str, **query: Any) -> Any:
    answer = await company.client.get(f"/v1/proofs/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def of_hex(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


async def test_the_newest_checkpoint_is_signed_and_of_all_events(api: World, acme: Company) -> None:
    await acme.run()
    found = await acme.ok("GET", "/v1/checkpoints/latest")
    note = read_note(found["note"])
    [key] = await keys_of(api, acme)
    assert is_signed_by(note, key, verify)
    assert read_checkpoint(note.text).root.hex() == found["root"] == mth(leaves(api.dsn, acme.tenant)).hex()
    assert found["size"] == api.events(acme)


async def test_an_event_is_proven_to_be_in_a_checkpoint(api: World, acme: Company) -> None:
    await acme.run()
    found = await proof(acme, "inclusion", seq=3)
    leaf, path = bytes.fromhex(found["leaf_hash"]), of_hex(found["path"])
    size, root = found["checkpoint"]["size"], bytes.fromhex(found["checkpoint"]["root"])
    assert proves_inclusion(leaf, 2, size, path, root)
    assert leaf == mth(leaves(api.dsn, acme.tenant)[2:3])


async def test_a_checkpoint_is_proven_to_go_on_from_one_that_is_held(api: World, acme: Company) -> None:
    held = await acme.ok("GET", "/v1/checkpoints/latest")
    await acme.run()
    for query in ({"note": held["note"]}, {"from": held["size"]}):
        found = await proof(acme, "consistency", **query)
        old, new = found["old_size"], found["checkpoint"]["size"]
        roots = bytes.fromhex(held["root"]), bytes.fromhex(found["checkpoint"]["root"])
        assert (old, found["old_root"]) == (held["size"], held["root"])
        assert new > old
        assert proves_consistency(old, new, of_hex(found["path"]), *roots)


async def test_checkpoints_are_listed_newest_first_and_found_as_of_then(api: World, acme: Company) -> None:
    sizes = []
    for _ in range(3):
        await acme.adopted()
        sizes.append((await acme.ok("GET", "/v1/checkpoints/latest"))["size"])
    first = await acme.ok("GET", "/v1/checkpoints?limit=2")
    rest = await acme.ok("GET", f"/v1/checkpoints?limit=2&cursor={first['next']}")
    assert [one["size"] for one in (*first["items"], *rest["items"])] == sizes[::-1]
    assert (first["next"], rest["next"]) == (first["next"] or "missing", None)
    then = await acme.ok("GET", f"/v1/checkpoints/latest?as_of={sizes[1]}")
    assert then["size"] == sizes[1]
    assert (await acme.ok("GET", f"/v1/checkpoints/latest?size={sizes[0]}"))["size"] == sizes[0]
    assert [one["size"] for one in (await acme.ok("GET", f"/v1/checkpoints?as_of={sizes[1]}"))["items"]] == sizes[1::-1]


@pytest.mark.parametrize(
    ("where", "status", "code"),
    [
        ("checkpoints/latest?size=0", 422, "invalid_input"),
        ("checkpoints/latest?size=100000", 422, "size_not_reached"),
        ("checkpoints/latest?size=1", 404, "not_found"),
        ("checkpoints/latest?as_of=1", 404, "not_found"),
        ("proofs/inclusion?seq=0", 422, "invalid_input"),
        ("proofs/inclusion?seq=100000", 422, "size_not_reached"),
        ("proofs/inclusion?size=0", 422, "invalid_input"),
        ("proofs/inclusion?size=100000", 422, "size_not_reached"),
        ("proofs/consistency?from=0", 422, "invalid_input"),
        ("proofs/consistency?from=100000", 422, "size_not_reached"),
        ("proofs/consistency?to=100000", 422, "size_not_reached"),
        ("proofs/consistency?note=", 422, "note_refused"),
        ("proofs/consistency?note=x%0A1%0AAA%3D%3D%0A", 422, "note_refused"),
        ("proofs/consistency?note=x&from=1", 422, "invalid_input"),
    ],
)
async def test_what_cannot_be_proven_is_refused(acme: Company, where: str, status: int, code: str) -> None:
    answer = await acme.client.get(f"/v1/{where}")
    assert (answer.status_code, problem(answer)) == (status, code), answer.text
    assert answer.json()["detail"].startswith("expected ")


async def test_a_checkpoint_of_another_company_or_signed_by_nobody_is_refused(
    api: World, acme: Company, other: Company
) -> None:
    theirs = (await other.ok("GET", "/v1/checkpoints/latest"))["note"]
    newest = await acme.ok("GET", "/v1/checkpoints/latest")
    ours = newest["note"]
    for note in (theirs, ours.replace(f"\n{newest['size']}\n", "\n1\n"), ours.rstrip("\n")):
        answer = await acme.client.get("/v1/proofs/consistency", params={"note": note})
        assert (answer.status_code, problem(answer)) == (422, "note_refused"), note


async def test_a_log_that_was_changed_is_not_proven_to_be_what_was_signed(api: World, acme: Company) -> None:
    held = await acme.ok("GET", "/v1/checkpoints/latest")
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute(UNGUARD)
        connection.execute("UPDATE events SET leaf_hash = sha256('forged') WHERE tenant_seq = 2")
    for query in (f"inclusion?seq={held['size']}", "consistency?from=1"):
        answer = await acme.client.get(f"/v1/proofs/{query}")
        assert (answer.status_code, problem(answer)) == (409, "log_altered")


async def test_a_log_that_was_cut_off_does_not_fit_a_checkpoint_that_is_held(api: World, acme: Company) -> None:
    await acme.adopted()
    held = await acme.ok("GET", "/v1/checkpoints/latest")
    with psycopg.connect(api.dsn, autocommit=True) as connection:
        connection.execute(UNGUARD)
        connection.execute("ALTER TABLE checkpoints DISABLE TRIGGER never_changed")
        connection.execute("DELETE FROM events WHERE tenant_seq > 2; DELETE FROM checkpoints")
        connection.execute("UPDATE checkpointing SET position = 0")
    assert (await acme.ok("GET", "/v1/checkpoints/latest"))["size"] == 2
    answer = await acme.client.get("/v1/proofs/consistency", params={"note": held["note"]})
    assert (answer.status_code, problem(answer)) == (409, "log_altered")


async def test_anchors_and_alarms_are_shown(acme: Company) -> None:
    await acme.ok("GET", "/v1/checkpoints/latest")
    found = await acme.ok("GET", "/v1/checkpoints/standing")
    assert (found["anchors"], found["alarms"]) == ([], [])
    assert found["unanchored_events"] > 0
    assert found["unanchored_since"]
    assert (await acme.ok("GET", "/v1/checkpoints/timestamps"))["items"] == []


async def test_members_without_the_trail_see_no_checkpoints(api: World, acme: Company) -> None:
    for permission, status in (("member", 403), ("partner", 403), ("auditor", 200), ("manager", 200)):
        person = await join(api, acme, permission, permission)
        assert (await person.client.get("/v1/checkpoints/latest")).status_code == status
