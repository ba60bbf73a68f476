"""Who holds which role of the company's procedures, in order; read from the trail, so it has a past."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

ROLES = """
SELECT DISTINCT ON (new ->> 'role') new ->> 'role' AS role, new -> 'members' AS members, seq
FROM trail_entry
WHERE tenant_id = %(tenant)s AND about_id = %(tenant)s AND type = 'tenant.role_holders_set'
ORDER BY new ->> 'role', seq DESC
"""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role, the members who hold it, and the event that said so."""

    role: str
    members: list[str]
    seq: int


QUESTION = Question(ROLES, RoleRow, ("trail_entry",))


async def role_holders(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> list[RoleRow]:
    """Every role that was ever given to someone, by its short name."""
    return await ask(QUESTION, tenant, {}, as_of=as_of)


async def roles_of(ask: Ask, tenant: str, member: str, *, as_of: AsOf | None = None) -> list[str]:
    """The roles that a member holds."""
    return [row.role for row in await role_holders(ask, tenant, as_of=as_of) if member in row.members]
