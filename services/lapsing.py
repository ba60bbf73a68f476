"""`ashiato plan lapse`: the operator ends a company's subscription, for whoever may use the database."""

from datetime import UTC, datetime

from commands.plans import LapsePlan
from commands.request import Request
from domain.ids import CommandId, TenantId
from domain.services import OPERATOR
from domain.text import check_lines
from infra.ids import uuid7
from infra.read_store.asking import reading_pool
from infra.roles import ROLES
from services.bootstrap import write_side

LONGEST_REASON = 2_000
COMPANIES = """
    SELECT tenant_id::text FROM directory.company
    WHERE tenant_id::text = lower(%(tenant)s) OR name = %(tenant)s ORDER BY tenant_id LIMIT 2
"""


class NotOneCompany(LookupError):
    """The name or id is nobody's, or that of several."""


async def lapse_by_operator(dsn: str, tenant: str, reason: str) -> bool:
    """End the subscription of the company of that id or name; False when it had lapsed already.

    Raises NotOneCompany, and the command's refusals.
    """
    reason = check_lines("reason", reason, LONGEST_REASON)
    of = await company(dsn, tenant)
    async with write_side(dsn) as write:
        request = Request(of, CommandId(uuid7()), datetime.now(UTC), actor=OPERATOR.id, reason=reason)
        return (await write.commands.execute(request, LapsePlan())).events > 0


async def company(dsn: str, tenant: str) -> TenantId:
    """The company of that id or name. Raises NotOneCompany."""
    async with reading_pool(dsn, 1, ROLES.projector) as connections, connections.connection() as connection:
        found = await (await connection.execute(COMPANIES, {"tenant": tenant})).fetchall()
    if len(found) != 1:
        what = "several of that name; give its id" if found else "none of that id or name"
        raise NotOneCompany(f"expected one company, but there is {what}")
    return TenantId(found[0][0])
