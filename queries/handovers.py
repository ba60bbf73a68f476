"""Handovers: who handed over what to whom, why, and whether it was undone; read from the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.asking import Ask, AsOf, Question

HANDOVERS = """
SELECT t.new ->> 'handover' AS handover, t.seq, t.recorded_at, t.actor, t.reason, t.member_id AS member,
       (t.new ->> 'steps')::int AS steps, t.new -> 'rules' AS rules, t.new -> 'receivers' AS receivers,
       t.new -> 'stays' AS stays, (t.new ->> 'own')::boolean AS own, u.seq AS undone_seq
FROM trail_entry t
LEFT JOIN trail_entry u ON u.tenant_id = t.tenant_id AND u.about_id = t.about_id
     AND u.type = 'tenant.handover_undone' AND u.new ->> 'handover' = t.new ->> 'handover'
WHERE t.tenant_id = %(tenant)s AND t.about_id = %(tenant)s AND t.type = 'tenant.handed_over'
  AND (%(handover)s::text IS NULL OR t.new ->> 'handover' = %(handover)s::text)
  AND (%(member)s::uuid IS NULL OR t.member_id = %(member)s::uuid)
  AND (%(after)s::bigint IS NULL OR t.seq < %(after)s::bigint)
ORDER BY t.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A handover; `seq` is the last of its events. `stays` is what did not move, `undone_seq` when it went back."""

    handover: str
    seq: int
    recorded_at: datetime
    actor: str | None
    reason: str | None
    member: str
    steps: int
    rules: Sequence[Any]
    receivers: Sequence[Any]
    stays: Sequence[Any]
    own: bool
    undone_seq: int | None

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last handover of a page."""
        return self.seq


QUESTION = Question(HANDOVERS, HandoverRow, ("trail_entry",))


async def handovers(
    ask: Ask,
    tenant: str,
    *,
    handover: str | None = None,
    member: str | None = None,
    limit: int = 100,
    after: int | None = None,
    as_of: AsOf | None = None,
) -> list[HandoverRow]:
    """At most `limit` handovers before the sequence `after`, the newest first; `member` is who handed over."""
    parameters = {"handover": handover, "member": member, "limit": limit, "after": after}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
