"""Who asks, as far as hidden runs and procedures go. `domain/confidential.py` says the same of states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from queries.asking import Question

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who sees what is confidential only where they have a part in it, and the roles that they hold.

    Someone from `outside` sees nothing else either.
    """

    member: str
    roles: Sequence[str] = ()
    outside: bool = False


RUN_SEEN = """
(%(viewer)s::uuid IS NULL
 OR (NOT %(viewer_outside)s::boolean AND (NOT confidential OR starter = %(viewer)s::uuid))
 OR EXISTS (
    SELECT FROM step_progress s
    WHERE s.tenant_id = %(tenant)s AND s.run_id = run_progress.run_id
      AND (%(viewer)s::uuid IN (s.assignee, s.done_by)
           OR (s.status = 'ready' AND s.assignee IS NULL AND s.role = ANY (%(viewer_roles)s::text[])))))
"""
"""A condition on a row of run_progress; it looks at the run's steps for whoever does not see all."""
STEPS = "step_progress"

DEPARTMENT_SEEN = f"""
(NOT %(viewer_outside)s::boolean OR EXISTS (
    SELECT FROM run_progress WHERE tenant_id = %(tenant)s
    AND run_progress.department = department.department AND {RUN_SEEN}))
"""
"""A condition on a row of department."""

PERSON_SEEN = f"""
(NOT %(viewer_outside)s::boolean OR person.member_id = %(viewer)s::uuid OR EXISTS (
    SELECT FROM run_progress WHERE tenant_id = %(tenant)s AND {RUN_SEEN}
    AND (starter = person.member_id OR EXISTS (
         SELECT FROM step_progress p WHERE p.tenant_id = %(tenant)s AND p.run_id = run_progress.run_id
         AND person.member_id IN (p.assignee, p.done_by)))))
"""
"""A condition on a row of person: everyone of the company is seen, by people from outside those on their runs."""

OUTSIDERS_LOOK_AT = ("run_progress", "step_progress")
"""What those two conditions read beside the row itself."""


NOBODY: dict[str, Any] = {
    "viewer": None,
    "viewer_roles": [],
    "viewer_outside": False,
    "viewer_hidden": [],
    "viewer_persons": [],
    "viewer_role_parts": [],
    "viewer_parts": [],
}
"""Whoever sees all needs no part in anything."""


def seen_by(viewer: Viewer | None) -> dict[str, Any]:
    """The parameters of these conditions; None is someone who sees all."""
    if viewer is None:
        return NOBODY
    persons, roles = _persons(viewer), [f"role:{role}" for role in viewer.roles]
    return {
        "viewer": viewer.member,
        "viewer_roles": list(viewer.roles),
        "viewer_outside": viewer.outside,
        "viewer_hidden": [True, False] if viewer.outside else [True],
        "viewer_persons": persons,
        "viewer_role_parts": roles,
        "viewer_parts": persons + roles,
    }


def _persons(viewer: Viewer) -> list[str]:
    """What of themselves makes a run theirs, as `run_part` says it; to have started one does not for outsiders."""
    return [viewer.member] if viewer.outside else [viewer.member, f"starter:{viewer.member}"]


def asked_by(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question; for whoever sees all the steps of then need not be folded, since it looks at none."""
    if viewer is not None:
        return question
    return replace(question, reads=tuple(table for table in question.reads if table != STEPS))


def asked_by_outsiders(
    viewer: Viewer | None, question: Question[R], look_at: tuple[str, ...] = OUTSIDERS_LOOK_AT
) -> Question[R]:
    """The same question; as of then, what people from outside see depends on the runs of then."""
    if viewer is None or not viewer.outside:
        return question
    return replace(question, reads=(*question.reads, *look_at))
