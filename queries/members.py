"""The company's members, whatever their status."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import PERSON_SEEN, Viewer, asked_by_outsiders, seen_by

MemberPlace = tuple[str, str]
"""Where a member stands in the list: their name, their id."""

MEMBERS = f"""
SELECT * FROM (
    SELECT member_id, name, CASE WHEN %(viewer_outside)s::boolean THEN NULL ELSE email END AS email,
           CASE WHEN %(viewer_outside)s::boolean THEN NULL ELSE permission END AS permission,
           CASE WHEN %(viewer_outside)s::boolean THEN NULL ELSE department END AS department,
           CASE WHEN %(viewer_outside)s::boolean THEN NULL ELSE status END AS status
    FROM person WHERE tenant_id = %(tenant)s AND {PERSON_SEEN}
) m
WHERE (%(status)s::text IS NULL OR status = %(status)s::text)
  AND (%(department)s::text IS NULL OR department = %(department)s::text)
  AND (%(after_id)s::uuid IS NULL OR (name, member_id) > (%(after_name)s::text, %(after_id)s::uuid))
ORDER BY name, member_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member: active, invited, expired or deactivated. People from outside see names only."""

    member_id: str
    name: str
    email: str | None
    permission: str | None
    department: str | None
    status: str | None

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
    viewer: Viewer | None = None,
    limit: int = 200,
    after: MemberPlace | None = None,
    as_of: AsOf | None = None,
) -> list[MemberRow]:
    """At most `limit` members beyond `after`, by name; for people from outside those on the runs that they see."""
    name, member = after or (None, None)
    parameters = {
        "status": status,
        "department": department,
        "limit": limit,
        "after_name": name,
        "after_id": member,
        **seen_by(viewer),
    }
    return await ask(asked_by_outsiders(viewer, QUESTION), tenant, parameters, as_of=as_of)
