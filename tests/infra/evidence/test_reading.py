"""Proofs from what is stored: they hold, whatever the size, and are those of one tenant."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.evidence.proofs import proves_consistency, proves_inclusion
from domain.evidence.tree import leaf_hash
from infra.evidence.reading import HashesMissing
from infra.ids import uuid7
from tests.domain.evidence.naive import mth
from tests.infra.evidence.logs import Reading, fill, leaves, sign

SIZES = (1, 2, 255, 256, 257, 511, 513, 600)


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
