"""The comments on a run: who wrote when. Their text is personal and stands in the run's own events alone."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question

COMMENTS = """
SELECT t.seq, t.version, t.recorded_at AS at, t.actor AS by, p.name AS by_name, t.on_behalf_of,
       o.name AS on_behalf_of_name, t.step_id
FROM trail_entry t
LEFT JOIN person p ON p.tenant_id = t.tenant_id AND p.member_id = t.actor
LEFT JOIN person o ON o.tenant_id = t.tenant_id AND o.member_id = t.on_behalf_of
WHERE t.tenant_id = %(tenant)s AND t.about_id = %(run)s::uuid AND t.type = 'run.commented'
  AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint)
ORDER BY t.seq LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment without its text: that is in the event of this `version` of the run's stream."""

    seq: int
    version: int
    at: datetime
    by: str
    by_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    step_id: str | None


QUESTION = Question(COMMENTS, CommentRow, ("trail_entry",), labels=("person",))


async def run_comments(
    ask: Ask, tenant: str, run: str, *, limit: int = 100, after: int | None = None, as_of: AsOf | None = None
) -> list[CommentRow]:
    """At most `limit` comments beyond the sequence `after`, oldest first."""
    return await ask(QUESTION, tenant, {"run": run, "limit": limit, "after": after}, as_of=as_of)
