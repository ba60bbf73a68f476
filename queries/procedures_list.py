"""The company's procedures, as a list shows them."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.procedures_seen import PROCEDURE_SEEN, TO_SEE_PROCEDURES
from queries.seen import Viewer, asked_by_outsiders, seen_by

ProcedurePlace = tuple[str, str]
"""Where a procedure stands in the list: its title, its id."""

PROCEDURES = f"""
SELECT procedure_id, title, department, version, steps, has_draft AND NOT %(viewer_outside)s::boolean AS has_draft,
       retired, confidential, changed_seq
FROM procedure_card
WHERE tenant_id = %(tenant)s
  AND (%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)
  AND (%(department)s::text IS NULL OR department = %(department)s::text)
  AND (%(retired)s::boolean IS NULL OR retired = %(retired)s::boolean)
  AND {PROCEDURE_SEEN}
  AND (%(after_id)s::uuid IS NULL OR (title, procedure_id) > (%(after_title)s::text, %(after_id)s::uuid))
ORDER BY title, procedure_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """A procedure. `version` is the published one, 0 while there is only a draft, of which outsiders hear nothing."""

    procedure_id: str
    title: str
    department: str
    version: int
    steps: int
    has_draft: bool
    retired: bool
    confidential: bool
    changed_seq: int

    @property
    def after(self) -> ProcedurePlace:
        """Where the next page begins when this is the last procedure of a page."""
        return self.title, self.procedure_id


QUESTION = Question(PROCEDURES, ProcedureRow, ("procedure_card",))


async def procedures_list(
    ask: Ask,
    tenant: str,
    *,
    procedure: str | None = None,
    department: str | None = None,
    retired: bool | None = None,
    viewer: Viewer | None = None,
    limit: int = 100,
    after: ProcedurePlace | None = None,
    as_of: AsOf | None = None,
) -> list[ProcedureRow]:
    """At most `limit` procedures beyond `after`, by title, without those that are none of `viewer`'s."""
    title, last = after or (None, None)
    parameters = {
        "procedure": procedure,
        "department": department,
        "retired": retired,
        "limit": limit,
        "after_title": title,
        "after_id": last,
        **seen_by(viewer),
    }
    return await ask(asked_by_outsiders(viewer, QUESTION, TO_SEE_PROCEDURES), tenant, parameters, as_of=as_of)
