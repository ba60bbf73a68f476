"""What commands ask read models: where a member may have duties, and how many open steps each person has.

Read models may lag, or be missing; so the answer says through which event it is complete, and the log tells the rest.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg_pool import AsyncConnectionPool

from commands.ports import Held
from domain.ids import MemberId, TenantId
from infra.tenancy import as_tenant

# One statement, so that rows and positions are of one moment. The tenant's events at a position: looked for from the
# end, for read models are seldom far behind.
HELD = """
    WITH through AS (SELECT min(position) AS position FROM projections WHERE name IN ('tasks', 'directory'))
    SELECT ARRAY(SELECT DISTINCT run_id::text FROM tasks.task WHERE tenant_id = %(tenant)s AND assignee = %(member)s),
           ARRAY(SELECT procedure_id::text FROM directory.procedure_card
                 WHERE tenant_id = %(tenant)s AND people @> ARRAY[%(member)s::uuid]),
           coalesce((SELECT e.tenant_seq FROM events e
                     WHERE e.tenant_id = %(tenant)s AND e.position <= through.position
                     ORDER BY e.tenant_seq DESC LIMIT 1), 0)
    FROM through
"""
LOADS = """
    SELECT assignee::text, count(*)::int FROM tasks.task
    WHERE tenant_id = %s AND assignee IS NOT NULL GROUP BY assignee
"""
NOWHERE = Held((), (), 0)

Connections = AsyncConnectionPool[AsyncConnection[Any]]


class DutyReader:
    """Asks the read models' tables as they stand."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def held(self, tenant: TenantId, member: MemberId) -> Held:
        """The runs with a step of the member's, and the procedures that name them."""
        async with self._connections.connection() as connection:
            try:
                async with as_tenant(connection, tenant):
                    cursor = await connection.execute(HELD, {"tenant": tenant, "member": member})
                    row = await cursor.fetchone()
            except (UndefinedTable, InvalidSchemaName):
                return NOWHERE
        return Held(*row) if row else NOWHERE

    async def loads(self, tenant: TenantId) -> Mapping[MemberId, int]:
        """How many open steps each person has."""
        async with self._connections.connection() as connection:
            try:
                async with as_tenant(connection, tenant):
                    cursor = await connection.execute(LOADS, (tenant,), prepare=True)
                    return {MemberId(member): count for member, count in await cursor.fetchall()}
            except (UndefinedTable, InvalidSchemaName):
                return {}
