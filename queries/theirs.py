"""Sums that a viewer shares with all others, and the few runs beside them that are theirs alone to see.

A figure is the sum of the `SHARED` rows, and of rows counted from these few runs. They are runs in which the viewer
has a part: confidential ones, and for people from outside all of theirs. Where a question is about what is open, or
about some weeks, no others are looked at than those that were open then. `RUN_SEEN` says the same of one run.
"""

from dataclasses import replace
from functools import cache
from typing import TypeVar

from queries.asking import Question
from queries.seen import Viewer

R = TypeVar("R")

SHARED = "(%(viewer)s::uuid IS NULL OR NOT (confidential OR %(viewer_outside)s::boolean))"
"""A condition on a row of a tally: sums that anyone like the viewer may see."""

PARTS = "run_part"
OPEN = "timestamptz '9999-01-01 00:00Z'"
"""Until when a run lasts that is open, as `projections/run_parts.py` says it."""
OF_THEM = "tenant_id = %(tenant)s AND confidential = ANY (%(viewer_hidden)s::boolean[])"

THEIR_RUNS = f"SELECT run_id FROM run_part WHERE {OF_THEM} AND part = ANY (%(viewer_parts)s::text[])"
"""All of them, of all times. A run may be there twice. For those who see all there are none: they see every sum."""
THEIR_OPEN_RUNS = f"{THEIR_RUNS} AND until = {OPEN}"
# Two days more at each end: an event's day where the company is, its day in UTC and its instant lie no farther apart.
THEIR_RUNS_THEN = f"""{THEIR_RUNS}
    AND until >= (%(first_week)s::date - 2)::timestamptz AND started_on <= %(last_week)s::date + 8"""
"""Those in which something can have happened in the weeks."""
# What a role could have done in a closed run is in nobody's sums: its holders may have a part of their own, or not.
THEIR_UNCOUNTED_RUNS = f"""{THEIR_OPEN_RUNS}
    UNION ALL
    SELECT run_id FROM run_part r
    WHERE {OF_THEM} AND part = ANY (%(viewer_role_parts)s::text[]) AND until < {OPEN}
      AND NOT EXISTS (SELECT FROM run_part WHERE tenant_id = %(tenant)s AND run_id = r.run_id
                                             AND part = ANY (%(viewer_persons)s::text[]))"""
"""Those that are in no row of `part_count`."""
COUNTED_PARTS = f"{OF_THEM} AND part = ANY (%(viewer_persons)s::text[])"
"""A condition on a row of part_count."""


def among(runs: str) -> str:
    """A condition that begins with these few runs: an array is looked up by the key, whatever the planner guesses."""
    return f"run_id = ANY (ARRAY({runs}))"


def _seen(runs: str) -> str:
    return f"({SHARED} OR run_id IN ({runs}))"


THEIRS, THEIRS_OPEN, THEIRS_THEN, THEIRS_UNCOUNTED = map(
    among, (THEIR_RUNS, THEIR_OPEN_RUNS, THEIR_RUNS_THEN, THEIR_UNCOUNTED_RUNS)
)
SEEN, SEEN_OPEN, SEEN_THEN = map(_seen, (THEIR_RUNS, THEIR_OPEN_RUNS, THEIR_RUNS_THEN))
"""The same as conditions on a row with `run_id` and `confidential`, for lists; ask with `listed_for`."""

COUNTED_FROM = (PARTS, "part_count", "run_progress", "step_progress", "step_turn", "step_return", "task")
"""The tables that figures are counted from for the few runs that are no part of the shared sums."""


def summed_for(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question over tallies; for whoever sees all nothing is counted run by run, now or then."""
    if viewer is not None:
        return question
    return replace(question, reads=tuple(table for table in question.reads if table not in COUNTED_FROM))


def listed_for(viewer: Viewer | None, question: Question[R]) -> Question[R]:
    """The same question, a list of what is `SEEN`; people from outside have it begin with their few runs."""
    if viewer is None:
        return replace(question, reads=tuple(table for table in question.reads if table != PARTS))
    return _only_theirs(question) if viewer.outside else question


@cache
def _only_theirs(question: Question[R]) -> Question[R]:
    sql = question.sql
    for seen, theirs in ((SEEN, THEIRS), (SEEN_OPEN, THEIRS_OPEN), (SEEN_THEN, THEIRS_THEN)):
        sql = sql.replace(seen, theirs)
    return replace(question, sql=sql)
