"""The steps that a handover moved; read from the trail, where a command's events stand together."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

STEPS = """
SELECT t.seq, t.stream_id AS run_id, r.subject, r.title AS run_title, t.step_id, s.title, t.old ->> 'assignee' AS old,
       t.new ->> 'assignee' AS new
FROM trail_entry t
LEFT JOIN run_progress r ON r.tenant_id = t.tenant_id AND r.run_id = t.stream_id
LEFT JOIN step_progress s ON s.tenant_id = t.tenant_id AND s.run_id = t.stream_id AND s.step_id = t.step_id
WHERE t.tenant_id = %(tenant)s AND t.seq <= %(seq)s AND t.command_id = %(handover)s::uuid
  AND t.seq > %(seq)s - (SELECT (h.new ->> 'steps')::int + %(beside)s FROM trail_entry h
                         WHERE h.tenant_id = %(tenant)s AND h.seq = %(seq)s)
  AND t.type = 'run.step_reassigned' AND (%(after)s::bigint IS NULL OR t.seq > %(after)s::bigint)
ORDER BY t.seq LIMIT %(limit)s
"""
MOST_BESIDE = 2_000
"""A handover has fewer events than so many beside those of its steps."""


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A step that changed hands; `seq` is its event."""

    seq: int
    run_id: str
    subject: str | None
    run_title: str | None
    step_id: str
    title: str | None
    old: str | None
    new: str

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last step of a page."""
        return self.seq


QUESTION = Question(STEPS, MovedRow, ("trail_entry",), ("run_progress", "step_progress"))


async def handover_steps(
    ask: Ask,
    tenant: str,
    *,
    handover: str,
    seq: int,
    limit: int = 100,
    after: int | None = None,
    as_of: AsOf | None = None,
) -> list[MovedRow]:
    """At most `limit` steps beyond the sequence `after`; `seq` is the last of the handover's events."""
    parameters = {"handover": handover, "seq": seq, "beside": MOST_BESIDE, "limit": limit, "after": after}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
