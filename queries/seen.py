"""Who asks, as far as hidden runs and procedures go. `domain/confidential.py` says the same of states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
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


SHARED = "(%(viewer)s::uuid IS NULL OR NOT (confidential OR %(viewer_outside)s::boolean))"
"""A condition on a row of a tally: sums that anyone like the viewer may see. What they see beside is `THEIR_RUNS`."""

THEIR_RUNS = """
SELECT run_id FROM run_part
WHERE tenant_id = %(tenant)s AND part = ANY (%(viewer_parts)s::text[])
  AND (confidential OR %(viewer_outside)s::boolean)
"""
"""The runs that are left out of `SHARED` sums, and that the viewer sees all the same: they have a part in them.

A run may be there twice. For those who see all there are none: they see every sum. So a figure is the sum of the
shared rows, and of rows counted from these few runs; `RUN_SEEN` says the same of one run.
"""
THEIRS = f"run_id = ANY (ARRAY({THEIR_RUNS}))"
"""A condition that begins with these few runs: an array is looked up by the key, whatever the planner guesses."""
SEEN = f"({SHARED} OR run_id IN ({THEIR_RUNS}))"
"""The same as a condition on a row with `run_id` and `confidential`, for lists; ask with `listed_for`."""
PARTS = "run_part"

PROCEDURE_SEEN = f"""
CASE WHEN %(viewer_outside)s::boolean
     THEN procedure_card.procedure_id IN (
         SELECT procedure_id FROM run_progress WHERE tenant_id = %(tenant)s AND {THEIRS})
     ELSE %(viewer)s::uuid IS NULL OR NOT confidential
          OR roles ?| %(viewer_roles)s::text[] OR people @> ARRAY[%(viewer)s::uuid] END
"""
"""A condition on a row of procedure_card; for people from outside it looks at `TO_SEE_PROCEDURES`."""
TO_SEE_PROCEDURES = ("run_progress", PARTS)

COUNTED_FROM = (PARTS, "run_progress", "step_progress", "step_turn", "step_return", "task")
"""The tables that figures are counted from for the few runs that are no part of the shared sums."""


def seen_by(viewer: Viewer | None) -> dict[str, Any]:
    """The parameters of these conditions; None is someone who sees all."""
    if viewer is None:
        return {"viewer": None, "viewer_roles": [], "viewer_outside": False, "viewer_parts": []}
    return {
        "viewer": viewer.member,
        "viewer_roles": list(viewer.roles),
        "viewer_outside": viewer.outside,
        "viewer_parts": _parts(viewer),
    }


def _parts(viewer: Viewer) -> list[str]:
    """What can make a run theirs, as `run_part` says it. To have started one is no part for people from outside."""
    started = [] if viewer.outside else [f"starter:{viewer.member}"]
    return [viewer.member, *started, *(f"role:{role}" for role in viewer.roles)]


def asked_by(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question; for whoever sees all the steps of then need not be folded, since it looks at none."""
    if viewer is not None:
        return question
    return replace(question, reads=tuple(table for table in question.reads if table != STEPS))


def summed_for(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question over tallies; for whoever sees all nothing is counted run by run, now or then."""
    if viewer is not None:
        return question
    return replace(question, reads=tuple(table for table in question.reads if table not in COUNTED_FROM))


@cache
def _only_theirs(question: Question[R]) -> Question[R]:
    return replace(question, sql=question.sql.replace(SEEN, THEIRS))


def listed_for(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question, a list of what is `SEEN`; people from outside have it begin with their few runs."""
    if viewer is None:
        return replace(question, reads=tuple(table for table in question.reads if table != PARTS))
    return _only_theirs(question) if viewer.outside else question


def asked_by_outsiders(
    viewer: Viewer | None, question: Question[R], look_at: tuple[str, ...] = OUTSIDERS_LOOK_AT
) -> Question[R]:
    """The same question; as of then, what people from outside see depends on the runs of then."""
    if viewer is None or not viewer.outside:
        return question
    return replace(question, reads=(*question.reads, *look_at))
