"""Being a tenant for one statement: row-level security shows the rows of `ashiato.tenant`, and none while it is unset.

The setting is made in the statement's own round trip and ends with it. A scalar subquery is evaluated when its value is
first needed, and CASE asks for it only after the condition (PostgreSQL's manual, 9.18.1): so the setting is there
before a row is read. Would that ever change, there would be no rows rather than others'.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection

AS_TENANT = "as_tenant"
"""The parameter that holds the tenant as text, whatever type the statement takes `tenant` for."""
ENTER = "SELECT set_config('ashiato.tenant', %s, true)"
"""For the statements that follow in the same transaction or pipeline."""


def entered(scalar: str) -> str:
    """A statement whose only value is that of a scalar subquery, read as the tenant of `entering`."""
    return f"SELECT CASE WHEN set_config('ashiato.tenant', %({AS_TENANT})s, true) IS NOT NULL THEN ({scalar}) END"


def entering(tenant: str, **parameters: Any) -> Mapping[str, Any]:
    """The parameters of an `entered` statement; `tenant` is among them."""
    return {**parameters, "tenant": tenant, AS_TENANT: tenant}


@asynccontextmanager
async def as_tenant(connection: AsyncConnection[Any], tenant: str) -> AsyncIterator[AsyncConnection[Any]]:
    """Statements of many rows or several of them, as a tenant: one transaction, sent along with the setting.

    The connection is one of a statement for each transaction; rows are fetched within the block.
    """
    async with connection.pipeline():
        await connection.execute(ENTER, (tenant,))
        yield connection
