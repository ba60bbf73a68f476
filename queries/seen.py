"""Who asks, as far as confidential runs and procedures go. `domain/confidential.py` says the same of states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from queries.asking import Question

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who sees what is confidential only where they have a part in it, and the roles that they hold."""

    member: str
    roles: Sequence[str] = ()


RUN_SEEN = """
(%(viewer)s::uuid IS NULL OR NOT confidential OR starter = %(viewer)s::uuid OR EXISTS (
    SELECT FROM step_progress s
    WHERE s.tenant_id = %(tenant)s AND s.run_id = run_progress.run_id
      AND (%(viewer)s::uuid IN (s.assignee, s.done_by)
           OR (s.status = 'ready' AND s.assignee IS NULL AND s.role = ANY (%(viewer_roles)s::text[])))))
"""
"""A condition on a row of run_progress; it looks at the run's steps for whoever does not see all."""
STEPS = "step_progress"

PROCEDURE_SEEN = """
(%(viewer)s::uuid IS NULL OR NOT confidential
 OR roles ?| %(viewer_roles)s::text[] OR people @> ARRAY[%(viewer)s::uuid])
"""
"""A condition on a row of procedure_card."""


def seen_by(viewer: Viewer | None) -> dict[str, Any]:
    """The parameters of both conditions; None is someone who sees all."""
    if viewer is None:
        return {"viewer": None, "viewer_roles": []}
    return {"viewer": viewer.member, "viewer_roles": list(viewer.roles)}


def asked_by(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question; for whoever sees all the steps of then need not be folded, since it looks at none."""
    if viewer is not None:
        return question
    return replace(question, reads=tuple(table for table in question.reads if table != STEPS))
