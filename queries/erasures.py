"""Who was erased, when, by whom and why; read from the trail, which names nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question

ERASURES = """
SELECT t.new ->> 'erasure' AS erasure, t.seq, t.recorded_at, t.actor, t.reason, t.member_id AS member,
       coalesce(t.new -> 'runs', '[]') AS runs
FROM trail_entry t
WHERE t.tenant_id = %(tenant)s AND t.about_id = %(tenant)s AND t.type = 'tenant.person_erased'
  AND (%(after)s::bigint IS NULL OR t.seq < %(after)s::bigint)
ORDER BY t.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure: of a former member, of whom these runs were about, or both."""

    erasure: str
    seq: int
    recorded_at: datetime
    actor: str | None
    reason: str | None
    member: str | None
    runs: Sequence[str]

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last of a page."""
        return self.seq


QUESTION = Question(ERASURES, ErasureRow, ("trail_entry",))


async def erasures(
    ask: Ask, tenant: str, *, limit: int = 100, after: int | None = None, as_of: AsOf | None = None
) -> list[ErasureRow]:
    """At most `limit` erasures before the sequence `after`, the newest first."""
    return await ask(QUESTION, tenant, {"limit": limit, "after": after}, as_of=as_of)
