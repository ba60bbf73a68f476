"""Who ever did which step, and how often: what dependence on one person (属人化) is told from."""

from dataclasses import dataclass
from typing import ClassVar

from projections.engine import Rows, Tally
from projections.task_tables import StepTurn

# The indexes find what somebody did, when somebody last did a step, and what they did, however long the history is.
DOER_DDL = """
CREATE TABLE step_doer (
    tenant_id uuid NOT NULL, procedure_id uuid NOT NULL, step_id text NOT NULL, department text NOT NULL,
    confidential boolean NOT NULL, by uuid NOT NULL, times bigint NOT NULL,
    PRIMARY KEY (tenant_id, procedure_id, step_id, by, department, confidential)) WITH (fillfactor = 70);
CREATE INDEX step_doer_by ON step_doer (tenant_id, by, procedure_id, step_id);
CREATE INDEX step_turn_by ON step_turn (tenant_id, procedure_id, step_id, by, seq) WHERE lead_days IS NOT NULL;
CREATE INDEX step_turn_done ON step_turn (tenant_id, procedure_id, step_id, seq) WHERE lead_days IS NOT NULL;
"""


@dataclass(slots=True)
class StepDoer(Tally):
    """How often someone did a step: completed it, or approved."""

    table: ClassVar[str] = "step_doer"
    key: ClassVar[tuple[str, ...]] = ("procedure_id", "step_id", "department", "confidential", "by")
    tenant_id: str
    procedure_id: str
    step_id: str
    department: str
    confidential: bool
    by: str
    times: int


def count_doer(rows: Rows, turn: StepTurn) -> None:
    """A turn that has ended, where somebody did it."""
    if turn.lead_days is None or turn.by is None:
        return
    key = (turn.tenant_id, turn.procedure_id, turn.step_id, turn.department, turn.confidential, turn.by)
    rows.sums.increase(StepDoer, key, (1,))
