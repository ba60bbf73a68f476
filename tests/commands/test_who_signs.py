"""Every event says who did it, those of people who were not members a moment ago too."""

from datetime import UTC, datetime

import psycopg

from commands.request import Request
from commands.tenants import SignUp
from domain.ids import CommandId, MemberId, TenantId
from infra.ids import uuid7
from services.bootstrap import write_side


async def test_who_signs_up_is_the_actor_of_what_follows(database: str) -> None:
    tenant, owner = TenantId(uuid7()), MemberId(uuid7())
    command = SignUp("青葉", "Asia/Tokyo", owner, "愛子", "aiko@aoba.example", uuid7(), "0" * 64)
    async with write_side(database) as write:
        await write.commands.execute(Request(tenant, CommandId(uuid7()), datetime.now(UTC)), command)
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT convert_from(body, 'UTF8')::json->>'actor' FROM events").fetchall()
    assert rows
    assert {actor for (actor,) in rows} == {owner}
