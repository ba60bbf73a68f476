"""How a step is called, by the newest published version of its procedure that has it."""

from dataclasses import dataclass, replace

from queries.asking import Ask, AsOf, Question
from queries.procedures_seen import PROCEDURE_SEEN, THEIR_PROCEDURES, TO_SEE_PROCEDURES
from queries.seen import Viewer, seen_by

TITLE = f"""
SELECT s.title FROM procedure_step s
JOIN (SELECT procedure_id FROM procedure_card
      WHERE tenant_id = %(tenant)s AND procedure_id = %(procedure)s::uuid
        AND ({PROCEDURE_SEEN} OR procedure_id IN ({THEIR_PROCEDURES}))
) card ON card.procedure_id = s.procedure_id
WHERE s.tenant_id = %(tenant)s AND s.step_id = %(step)s
"""


@dataclass(frozen=True, slots=True)
class StepTitle:
    """A step's title."""

    title: str


QUESTION = Question(TITLE, StepTitle, ("procedure_step", "procedure_card"))
OF_SOME = replace(QUESTION, reads=(*QUESTION.reads, *TO_SEE_PROCEDURES))


async def step_title(
    ask: Ask, tenant: str, *, procedure: str, step: str, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> str | None:
    """None when there is no such step, or `viewer` sees neither the procedure nor a run of it."""
    parameters = {"procedure": procedure, "step": step, **seen_by(viewer)}
    found = await ask(QUESTION if viewer is None else OF_SOME, tenant, parameters, as_of=as_of)
    return found[0].title if found else None
