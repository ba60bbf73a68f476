"""The company's members, whatever their status."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

MemberPlace = tuple[str, str]
"""Where a member stands in the list: their name, their id."""

MEMBERS = """
SELECT member_id, name, email, permission, department, status FROM person
WHERE tenant_id = %(tenant)s
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
  AND (%(department)s::text IS NULL OR department = %(department)s::text)
  AND (%(after_id)s::uuid IS NULL OR (name, member_id) > (%(after_name)s::text, %(after_id)s::uuid))
ORDER BY name, member_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member: active, invited, expired or deactivated."""

    member_id: str
    name: str
    email: str
    permission: str
    department: str | None
    status: str

    @property
    def after(self) -> MemberPlace:
        """Where the next page begins when this is the last member of a page."""
        return self.name, self.member_id


QUESTION = Question(MEMBERS, MemberRow, ("person",))


async def members(
    ask: Ask,
    tenant: str,
    *,
    status: str | None = None,
    department: str | None = None,
    limit: int = 200,
    after: MemberPlace | None = None,
    as_of: AsOf | None = None,
) -> list[MemberRow]:
    """At most `limit` members beyond `after`, by name."""
    name, member = after or (None, None)
    parameters = {
        "status": status,
        "department": department,
        "limit": limit,
        "after_name": name,
        "after_id": member,
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
