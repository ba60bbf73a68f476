"""The ready steps behind a figure of waiting: those of a step, a role or a person, the longest waiting first."""

from dataclasses import dataclass
from datetime import date, datetime

from queries.asking import Ask, AsOf, Question
from queries.seen import Viewer, seen_by
from queries.tallied import OF_DEPARTMENT, OF_PROCEDURE
from queries.theirs import PARTS, SEEN_OPEN, listed_for
from queries.weeks import HOUR

ReadyPlace = tuple[datetime, str, str]
"""Where it stands in the list: since when it is ready, its run and step."""

OF_STEP = "(%(step)s::text IS NULL OR step_id = %(step)s::text)"
OF_ASSIGNEE = "(%(assignee)s::uuid IS NULL OR assignee = %(assignee)s::uuid)"

READY = f"""
SELECT t.run_id, t.run_title, t.subject, t.procedure_id, t.step_id, t.title, t.role, t.assignee,
       p.name AS assignee_name, t.due, t.legal, t.ready_at,
       greatest(0, extract(epoch FROM %(at)s::timestamptz - t.ready_at))::bigint / {HOUR} AS waited_hours
FROM (
    SELECT * FROM task
    WHERE tenant_id = %(tenant)s AND {OF_PROCEDURE} AND {OF_STEP} AND {OF_ASSIGNEE} AND {OF_DEPARTMENT}
      AND (%(role)s::text IS NULL OR role = %(role)s::text)
      AND (NOT %(nobodys)s::boolean OR assignee IS NULL)
      AND {SEEN_OPEN}
      AND (%(after_run)s::uuid IS NULL
           OR (ready_at, run_id, step_id) > (%(after_at)s::timestamptz, %(after_run)s::uuid, %(after_step)s::text))
    ORDER BY ready_at, run_id, step_id LIMIT %(limit)s
) t
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = t.assignee
ORDER BY t.ready_at, t.run_id, t.step_id
"""
# Questions of their own, so that each is answered by an index of its own.
READY_OF_PROCEDURE = READY.replace(OF_PROCEDURE, "procedure_id = %(procedure)s::uuid")
READY_OF_STEP = READY_OF_PROCEDURE.replace(OF_STEP, "step_id = %(step)s::text")
READY_OF_ASSIGNEE = READY.replace(OF_ASSIGNEE, "assignee = %(assignee)s::uuid")


@dataclass(frozen=True, slots=True)
class ReadyStep:
    """A step that is ready: since when, and so how long it has waited, in whole hours."""

    run_id: str
    run_title: str
    subject: str
    procedure_id: str
    step_id: str
    title: str
    role: str
    assignee: str | None
    assignee_name: str | None
    due: date | None
    legal: bool
    ready_at: datetime
    waited_hours: int

    @property
    def after(self) -> ReadyPlace:
        """Where the next page begins when this is the last step of a page."""
        return self.ready_at, self.run_id, self.step_id


READS = ("task", PARTS, "person")
OF_ALL = Question(READY, ReadyStep, READS)
OF_A_PROCEDURE = Question(READY_OF_PROCEDURE, ReadyStep, READS)
OF_A_STEP = Question(READY_OF_STEP, ReadyStep, READS)
OF_AN_ASSIGNEE = Question(READY_OF_ASSIGNEE, ReadyStep, READS)


async def waiting_behind(
    ask: Ask,
    tenant: str,
    *,
    at: datetime,
    procedure: str | None = None,
    step: str | None = None,
    role: str | None = None,
    assignee: str | None = None,
    nobodys: bool = False,
    department: str | None = None,
    viewer: Viewer | None = None,
    limit: int = 50,
    after: ReadyPlace | None = None,
    as_of: AsOf | None = None,
) -> list[ReadyStep]:
    """At most `limit` ready steps beyond `after`, of runs that `viewer` may see. A step is one of its procedure."""
    ready_at, run, after_step = after or (None, None, None)
    parameters = {
        "at": at,
        "procedure": procedure,
        "step": step,
        "role": role,
        "assignee": assignee,
        "nobodys": nobodys,
        "department": department,
        "after_at": ready_at,
        "after_run": run,
        "after_step": after_step,
        "limit": limit,
        **seen_by(viewer),
    }
    question = listed_for(viewer, _question(procedure, step, assignee))
    return await ask(question, tenant, parameters, as_of=as_of)


def _question(procedure: str | None, step: str | None, assignee: str | None) -> Question[ReadyStep]:
    if assignee is not None:
        return OF_AN_ASSIGNEE
    if procedure is None:
        return OF_ALL
    return OF_A_PROCEDURE if step is None else OF_A_STEP
