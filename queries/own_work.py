"""Separation of duties: approvals by someone who had done an earlier step of the same run."""

from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question

OwnPlace = tuple[str, str, str]
"""Where a finding stands in the list: its run, the approval, and the step that was done before."""

OWN_WORK = """
SELECT a.run_id, r.title AS run_title, r.subject, r.procedure_id, r.procedure_version, a.step_id AS approval,
       a.title AS approval_title, a.done_by AS member_id, p.name AS member_name, a.done_on AS approved_on,
       d.step_id AS step, d.title AS step_title, d.done_on
FROM step_progress a
JOIN step_progress d ON d.tenant_id = a.tenant_id AND d.run_id = a.run_id AND d.done_by = a.done_by
                    AND d.place < a.place AND NOT d.approval AND d.status = 'done'
JOIN run_progress r ON r.tenant_id = a.tenant_id AND r.run_id = a.run_id
LEFT JOIN person p ON p.tenant_id = a.tenant_id AND p.member_id = a.done_by
WHERE a.tenant_id = %(tenant)s AND a.approval AND a.status = 'done'
  AND (%(after_run)s::uuid IS NULL OR (a.run_id, a.step_id, d.step_id)
       > (%(after_run)s::uuid, %(after_approval)s::text, %(after_step)s::text))
ORDER BY a.run_id, a.step_id, d.step_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class OwnWorkRow:
    """Somebody approved (`approval`) what they had worked on (`step`), in one run."""

    run_id: str
    run_title: str
    subject: str
    procedure_id: str
    procedure_version: int
    approval: str
    approval_title: str
    member_id: str
    member_name: str | None
    approved_on: date
    step: str
    step_title: str
    done_on: date

    @property
    def after(self) -> OwnPlace:
        """Where the next page begins when this is the last finding of a page."""
        return self.run_id, self.approval, self.step


QUESTION = Question(OWN_WORK, OwnWorkRow, ("step_progress", "run_progress"), ("person",))


async def own_work(
    ask: Ask, tenant: str, *, limit: int = 100, after: OwnPlace | None = None, as_of: AsOf | None = None
) -> list[OwnWorkRow]:
    """At most `limit` findings beyond `after`."""
    run, approval, step = after or (None, None, None)
    parameters = {"limit": limit, "after_run": run, "after_approval": approval, "after_step": step}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
