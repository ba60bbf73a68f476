"""When a sequence was recorded: what makes `as_of` a sequence into an instant, and so into a day."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, Question

INSTANT = """
SELECT recorded_at FROM trail_entry WHERE tenant_id = %(tenant)s AND seq = %(seq)s::bigint
"""


@dataclass(frozen=True, slots=True)
class InstantRow:
    """The moment an event was recorded."""

    recorded_at: datetime


QUESTION = Question(INSTANT, InstantRow, ("trail_entry",))


async def instant_of(ask: Ask, tenant: str, seq: int) -> datetime | None:
    """When the tenant's event of that sequence was recorded; None for 0, which is before the first of them."""
    found = await ask(QUESTION, tenant, {"seq": seq}, as_of=seq)
    return found[0].recorded_at if found else None
