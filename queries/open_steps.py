"""Open steps of open runs that are due, ready or waiting, and whose they are or will be as far as a rule says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from queries.theirs import PARTS, SEEN_OPEN


@dataclass(frozen=True, slots=True)
class ByRule:
    """Whom work can go to, and who holds a role alone, by the role: it tells whose a waiting step will be."""

    people: Sequence[str] = ()
    only_holders: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """As questions name them."""
        holders = self.only_holders
        return {"people": list(self.people), "only_roles": list(holders), "only_holders": list(holders.values())}


# Whoever did it before, or whom its role names, or the only one who holds the role: as domain/runs/assignment.py.
BY_RULE = """
CASE WHEN s.status = 'ready' THEN NULL
     WHEN s.done_by = ANY (%(people)s::uuid[]) THEN s.done_by
     WHEN d.named = ANY (%(people)s::uuid[]) THEN d.named
     ELSE (%(only_holders)s::uuid[])[array_position(%(only_roles)s::text[], s.role)] END
"""
ASSIGNEE = "CASE WHEN s.status = 'ready' THEN s.assignee END"

OPEN_STEPS = f"""
(SELECT s.run_id, s.step_id, s.run_procedure_id AS procedure_id, s.run_department AS department, s.title,
        s.role, s.approval, s.legal, s.status, {ASSIGNEE} AS assignee, s.open_due AS due,
        coalesce({ASSIGNEE}, {BY_RULE}) AS member
 FROM (SELECT *, run_confidential AS confidential FROM step_progress WHERE tenant_id = %(tenant)s) s
 LEFT JOIN procedure_step d
        ON d.tenant_id = %(tenant)s AND d.procedure_id = s.run_procedure_id AND d.step_id = s.step_id
 WHERE s.open_due IS NOT NULL
   AND s.open_due BETWEEN %(since)s::date AND %(until)s::date
   AND {SEEN_OPEN})
"""
OPEN_READ = ("step_progress", "procedure_step", PARTS)
