"""API keys: when and by whom each was issued (from the trail, so it has a past), and the day of its last use."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question

KEYS = """
SELECT t.new ->> 'key' AS key, t.recorded_at AS created_at, t.actor AS created_by, u.used_on AS last_used_on
FROM trail_entry t
LEFT JOIN public.api_key_uses u ON u.tenant_id = %(tenant)s AND u.key_id::text = t.new ->> 'key'
WHERE t.tenant_id = %(tenant)s AND t.about_id = %(tenant)s AND t.type = 'tenant.api_key_issued'
  AND (%(member)s::uuid IS NULL OR t.member_id = %(member)s::uuid)
"""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """How a key came to be. `last_used_on` is the day in UTC, as of now."""

    key: str
    created_at: datetime
    created_by: str | None
    last_used_on: date | None


QUESTION = Question(KEYS, IssuedKey, ("trail_entry",))


async def issued_keys(
    ask: Ask, tenant: str, *, member: str | None = None, as_of: AsOf | None = None
) -> dict[str, IssuedKey]:
    """Every key ever issued, or those of a member, by its id."""
    found = await ask(QUESTION, tenant, {"member": member}, as_of=as_of)
    return {row.key: row for row in found}
