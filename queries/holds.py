"""Legal holds (保全): on what, since when, by whom and why, and until when; read from the trail."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question

HOLDS = """
SELECT t.new ->> 'hold' AS hold, t.seq, t.recorded_at, t.actor, t.reason, t.member_id AS member, t.new ->> 'run' AS run,
       r.recorded_at AS released_at, r.actor AS released_by, r.reason AS released_because
FROM trail_entry t
LEFT JOIN trail_entry r ON r.tenant_id = t.tenant_id AND r.about_id = t.about_id
     AND r.type = 'tenant.hold_released' AND r.old ->> 'hold' = t.new ->> 'hold'
WHERE t.tenant_id = %(tenant)s AND t.about_id = %(tenant)s AND t.type = 'tenant.hold_set'
  AND (%(after)s::bigint IS NULL OR t.seq < %(after)s::bigint)
ORDER BY t.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold on a member, on a run, or (neither) on everything; `released_at` is None while it stands."""

    hold: str
    seq: int
    recorded_at: datetime
    actor: str | None
    reason: str | None
    member: str | None
    run: str | None
    released_at: datetime | None
    released_by: str | None
    released_because: str | None

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last of a page."""
        return self.seq


QUESTION = Question(HOLDS, HoldRow, ("trail_entry",))


async def holds(
    ask: Ask, tenant: str, *, limit: int = 100, after: int | None = None, as_of: AsOf | None = None
) -> list[HoldRow]:
    """At most `limit` holds before the sequence `after`, the newest first, released ones among them."""
    return await ask(QUESTION, tenant, {"limit": limit, "after": after}, as_of=as_of)
