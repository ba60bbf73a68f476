"""A connection shows what is of its tenant or its pass, for as long as it is theirs, and nothing to who comes next."""

from typing import Any

import pytest

from infra.ids import uuid7
from infra.tenancy import as_tenant
from queries.trail import trail
from services.bootstrap import read_side, write_side
from services.console.links import Links
from tests.infra.read_store.conftest import END


@pytest.mark.parametrize("as_of", [None, 50], ids=["now", "then"])
async def test_a_connection_that_answered_a_tenant_shows_nothing_to_who_comes_next(
    filled: str, company: Any, as_of: int | None
) -> None:
    async with write_side(filled) as write, read_side(filled, 1) as read:
        assert await trail(read.ask, company.tenant, as_of=as_of)
        assert await write.reader.last_seq(company.tenant) > 50
        for pool in (read.connections, write.connections):
            async with pool.connection() as connection:
                assert (await connection.execute("SELECT FROM events LIMIT 1")).rowcount == 0


async def test_who_asks_for_many_rows_as_a_tenant_sees_them_until_the_block_ends(filled: str, company: Any) -> None:
    async with write_side(filled) as write, write.connections.connection() as connection:
        async with as_tenant(connection, company.tenant):
            found = await (await connection.execute("SELECT tenant_id::text FROM events LIMIT 5")).fetchall()
            assert found == [(company.tenant,)] * 5
        async with as_tenant(connection, uuid7()):
            assert await (await connection.execute("SELECT FROM events LIMIT 5")).fetchall() == []
        assert (await connection.execute("SELECT FROM events LIMIT 5")).rowcount == 0


async def test_the_keeper_of_a_pass_sees_that_pass_alone(filled: str) -> None:
    async with write_side(filled) as write:
        links = Links(write.connections)
        path = await links.issue(uuid7(), uuid7(), END)  # type: ignore[arg-type]  # any ids will do
        assert await links.enter(path.partition("=")[2], END)
        async with write.connections.connection() as connection:
            assert (await connection.execute("SELECT FROM console_passes")).rowcount == 0


async def test_no_question_waits_for_its_plan_to_be_compiled(filled: str) -> None:
    async with write_side(filled) as write, read_side(filled, 1) as read:
        for pool in (read.connections, read.of_all_tenants, write.connections):
            async with pool.connection() as connection:
                assert await (await connection.execute("SHOW jit")).fetchone() == ("off",)
