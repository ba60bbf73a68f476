"""Who looked at a run: reads that were put on record, by person."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, Question

LOOKS = """
SELECT l.member_id, p.name AS member_name, count(*) AS times, min(l.at) AS first_at, max(l.at) AS last_at
FROM public.auditor_reads l
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = l.member_id
WHERE l.tenant_id = %(tenant)s AND l.asked ->> 'run' = %(run)s AND l.at <= %(until)s::timestamptz
GROUP BY l.member_id, p.name ORDER BY min(l.at), l.member_id
"""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looked, how often, and when for the first and the last time."""

    member_id: str
    member_name: str | None
    times: int
    first_at: datetime
    last_at: datetime


QUESTION = Question(LOOKS, Look, (), labels=("person",))


async def looks_at(ask: Ask, tenant: str, run: str, *, until: datetime) -> list[Look]:
    """Everyone whose look at the run is on record."""
    return await ask(QUESTION, tenant, {"run": run, "until": until})
