"""What stops if someone is away: steps that only they ever did, and approvals that only they may give."""

from collections.abc import Collection
from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.procedures_seen import PROCEDURE_SEEN, TO_SEE_PROCEDURES
from queries.seen import Viewer, seen_by
from queries.theirs import SHARED, THEIRS

# From what they did it is asked who else did it: of the viewer's own few runs, and by an index of all others.
ONLY_THEY = f"""
WITH theirs AS MATERIALIZED (
    SELECT procedure_id, step_id, by FROM step_turn
    WHERE tenant_id = %(tenant)s AND lead_days IS NOT NULL AND by IS NOT NULL AND {THEIRS}
), did AS MATERIALIZED (
    SELECT procedure_id, step_id, sum(times)::bigint AS times FROM (
        SELECT procedure_id, step_id, times FROM step_doer
        WHERE tenant_id = %(tenant)s AND by = %(member)s::uuid AND {SHARED}
        UNION ALL SELECT procedure_id, step_id, 1 FROM theirs WHERE by = %(member)s::uuid) one
    GROUP BY procedure_id, step_id
), alone AS MATERIALIZED (
    SELECT * FROM did d
    WHERE NOT EXISTS (SELECT FROM theirs o WHERE o.procedure_id = d.procedure_id AND o.step_id = d.step_id
                                             AND o.by <> %(member)s::uuid)
      AND NOT EXISTS (SELECT FROM step_doer o WHERE o.tenant_id = %(tenant)s AND o.procedure_id = d.procedure_id
                      AND o.step_id = d.step_id AND o.by <> %(member)s::uuid AND {SHARED} OFFSET 0)
)
SELECT s.procedure_id, card.title AS procedure_title, s.step_id, s.title, s.role, coalesce(d.times, 0)::bigint AS times,
       d.step_id IS NOT NULL AS only_they_did,
       (s.named = %(member)s::uuid OR s.role = ANY (%(roles)s::text[])) IS TRUE AS only_they_may, s.approval
FROM procedure_step s
JOIN (SELECT procedure_id, title FROM procedure_card
      WHERE tenant_id = %(tenant)s AND NOT retired AND {PROCEDURE_SEEN}) card ON card.procedure_id = s.procedure_id
LEFT JOIN alone d ON d.procedure_id = s.procedure_id AND d.step_id = s.step_id
WHERE s.tenant_id = %(tenant)s
  AND (d.step_id IS NOT NULL OR s.named = %(member)s::uuid OR s.role = ANY (%(roles)s::text[]))
ORDER BY s.approval DESC, card.title, s.procedure_id, s.place, s.step_id
"""


@dataclass(frozen=True, slots=True)
class OnlyThey:
    """A step of a procedure that depends on one person: nobody else ever did it, or nobody else may.

    `times` is how often they did it, when nobody else ever did.
    """

    procedure_id: str
    procedure_title: str
    step_id: str
    title: str
    role: str
    times: int
    only_they_did: bool
    only_they_may: bool
    approval: bool


READS = ("step_doer", "step_turn", "procedure_step", "procedure_card", *TO_SEE_PROCEDURES)
QUESTION = Question(ONLY_THEY, OnlyThey, READS)


async def only_they_did(
    ask: Ask,
    tenant: str,
    *,
    member: str,
    roles: Collection[str],
    viewer: Viewer | None = None,
    as_of: AsOf | None = None,
) -> list[OnlyThey]:
    """Such steps of procedures that `viewer` may see, approvals first. `roles` are those that only the member holds."""
    parameters = {"member": member, "roles": list(roles), **seen_by(viewer)}
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
