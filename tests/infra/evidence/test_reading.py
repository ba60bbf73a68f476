"""Proofs from what is stored: they hold, whatever the size, and are those of one tenant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.evidence.proofs import proves_consistency, proves_inclusion
from domain.evidence.tree import STRIDE, leaf_hash, stored
from infra.evidence.reading import HASHES, HashesMissing
from infra.ids import uuid7
from tests.domain.evidence.naive import mth
from tests.infra.evidence.logs import Reading, fill, leaves, sign, superuser

SIZES = (1, 2, 255, 256, 257, 511, 513, 600)


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


async def test_proofs_hold_for_every_size(database: str, tmp_path: Path) -> None:
    tenant, other = uuid7(), uuid7()
    fill(database, tenant, 300)
    fill(database, other, 300)
    fill(database, tenant, 300)
    sign(database, tmp_path)
    hashed = leaves(database, tenant)
    async with Reading(database) as evidence:
        for size in SIZES:
            root = mth(hashed[:size])
            assert await evidence.root(tenant, size) == root
            for seq in {1, size // 2 or 1, size}:
                leaf, path, above = await evidence.inclusion(tenant, seq, size)
                assert (leaf, above) == (leaf_hash(hashed[seq - 1]), root)
                assert proves_inclusion(leaf, seq - 1, size, path, root)
            for old in (one for one in SIZES if one <= size):
                path, before, after = await evidence.consistency(tenant, old, size)
                assert proves_consistency(old, size, path, before, after)
                assert (before, after) == (mth(hashed[:old]), root)


async def test_a_proof_looks_up_the_nodes_it_is_made_of_and_no_others(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    fill(database, tenant, 20 << STRIDE)
    sign(database, tmp_path)
    level, first, after = stored(STRIDE + 1, 4)  # 2 of the 20 nodes that are kept
    given = {"tenant": tenant, "level": [level], "first": [first], "after": [after]}
    with superuser(database) as connection:
        [[[plan]]] = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {HASHES}".encode(), given).fetchall()
    read = [node for node in nodes_of(plan["Plan"]) if node.get("Relation Name") == "merkle_nodes"]
    assert [node["Actual Rows"] * node["Actual Loops"] for node in read] == [2]
    assert not any(node.get("Rows Removed by Filter") for node in read)


async def test_the_hashes_of_another_tenant_are_none(database: str, tmp_path: Path) -> None:
    fill(database, uuid7(), 300)
    sign(database, tmp_path)
    stranger = uuid7()
    async with Reading(database) as evidence:
        with pytest.raises(HashesMissing):
            await evidence.root(stranger, 1)
        assert await evidence.checkpoint(stranger) is None
        assert await evidence.checkpoints(stranger, 10) == []


async def test_a_checkpoint_is_found_by_size_and_as_of_then(database: str, tmp_path: Path) -> None:
    tenant = uuid7()
    for more in (3, 4, 5):
        fill(database, tenant, more)
        sign(database, tmp_path)
    async with Reading(database) as evidence:
        newest = await evidence.checkpoint(tenant)
        assert newest is not None
        assert newest.size == 12
        assert newest.root == mth(leaves(database, tenant)).hex()
        at_7 = await evidence.checkpoint(tenant, size=7)
        assert at_7 is not None
        assert at_7 == await evidence.checkpoint(tenant, as_of=11)
        assert at_7 == await evidence.checkpoint(tenant, as_of=newest.signed_at - timedelta(microseconds=1))
        assert await evidence.checkpoint(tenant, size=8) is None
        assert await evidence.checkpoint(tenant, as_of=datetime(2020, 1, 1, tzinfo=UTC)) is None
        first = await evidence.checkpoints(tenant, 2)
        rest = await evidence.checkpoints(tenant, 2, first[-1].after)
        assert [one.size for one in (*first, *rest)] == [12, 7, 3]
