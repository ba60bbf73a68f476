"""What the roles are called in the company's procedures, by their short names."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

TITLES = """
SELECT DISTINCT ON (r.key) r.key AS role, r.value AS title
FROM procedure_card c CROSS JOIN LATERAL jsonb_each_text(c.roles) r
WHERE c.tenant_id = %(tenant)s
ORDER BY r.key, c.changed_seq DESC, r.value
"""


@dataclass(frozen=True, slots=True)
class RoleTitle:
    """A role and its title in the procedure that was changed last."""

    role: str
    title: str


QUESTION = Question(TITLES, RoleTitle, ("procedure_card",))


async def role_titles(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> dict[str, str]:
    """The titles of all roles."""
    return {row.role: row.title for row in await ask(QUESTION, tenant, {}, as_of=as_of)}
