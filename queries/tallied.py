"""Figures as a viewer may see them: shared sums, and what is counted from the few runs beside them that are theirs.

Each of these is a table expression with the columns of the tally of the same name, to be filtered and added up. The
second half of each counts for single runs what `projections/*_tallies.py` count for all; over all runs both come to the
same, which `tests/queries/test_tallied.py` holds them to.
"""

from queries.theirs import COUNTED_PARTS, PARTS, SHARED, THEIRS, THEIRS_OPEN, THEIRS_THEN, THEIRS_UNCOUNTED

IN_WEEKS = "week BETWEEN %(first_week)s::date AND %(last_week)s::date"
"""The period, on any of those with weeks."""
OF_PROCEDURE = "(%(procedure)s::uuid IS NULL OR procedure_id = %(procedure)s::uuid)"
OF_DEPARTMENT = "(%(department)s::text IS NULL OR department = %(department)s::text)"

LEVELS = (50, 85, 95)
"""The percentiles that are told."""


def _monday(day: str) -> str:
    return f"({day} - (extract(isodow FROM {day})::int - 1))"


WEEKS_OF_RUNS = f"""
    SELECT procedure_id, department, {_monday("started_on")} AS week, 1::bigint AS started, 0::bigint AS completed,
           0::bigint AS cancelled, 0::bigint AS due, 0::bigint AS on_time, 0::bigint AS legal_due,
           0::bigint AS legal_on_time, 0::bigint AS clean
    FROM run_progress WHERE tenant_id = %(tenant)s AND {THEIRS_THEN}
    UNION ALL
    SELECT procedure_id, department, {_monday("finished_on")}, 0, is_completed, 1 - is_completed,
           is_completed * (due_done > 0)::int, is_completed * (due_done > 0 AND late_done = 0)::int,
           is_completed * (legal_due_done > 0)::int, is_completed * (legal_due_done > 0 AND legal_late_done = 0)::int,
           is_completed * (sent_back + reopened = 0)::int
    FROM (SELECT *, (status = 'completed')::int::bigint AS is_completed FROM run_progress
          WHERE tenant_id = %(tenant)s AND finished_on IS NOT NULL AND {THEIRS_THEN}) f
"""
DAYS_OF_RUNS = f"""
    SELECT procedure_id, department, {_monday("finished_on")} AS week, 'lead' AS measure,
           finished_on - started_on AS days, 1::bigint AS runs
    FROM run_progress WHERE tenant_id = %(tenant)s AND status = 'completed' AND {THEIRS_THEN}
    UNION ALL
    SELECT procedure_id, department, {_monday("finished_on")}, 'cycle', finished_on - first_done_on, 1
    FROM run_progress
    WHERE tenant_id = %(tenant)s AND status = 'completed' AND first_done_on IS NOT NULL AND {THEIRS_THEN}
"""
WEEKS_OF_STEPS = f"""
    SELECT procedure_id, step_id, department, week, 1::bigint AS turns, waited,
           (lead_days IS NOT NULL)::int::bigint AS done, (late IS NOT NULL)::int::bigint AS due,
           (late IS TRUE)::int::bigint AS late, (late IS NOT NULL AND legal)::int::bigint AS legal_due,
           (late IS TRUE AND legal)::int::bigint AS legal_late, (ended = 'rejected')::int::bigint AS rejecting,
           0::bigint AS sent_back, 0::bigint AS rejected, 0::bigint AS reopened
    FROM step_turn WHERE tenant_id = %(tenant)s AND {THEIRS_THEN}
    UNION ALL
    SELECT procedure_id, step_id, department, week, 0, 0, 0, 0, 0, 0, 0, 0, (cause = 'sent_back')::int,
           (cause = 'rejected')::int, (cause = 'reopened')::int
    FROM step_return WHERE tenant_id = %(tenant)s AND {THEIRS_THEN}
"""
TIMES_OF_STEPS = f"""
    SELECT procedure_id, step_id, department, week, 'cycle' AS measure,
           (CASE WHEN waited < 172800 THEN waited / 3600 ELSE waited / 86400 * 24 END)::int AS value, 1::bigint AS turns
    FROM step_turn WHERE tenant_id = %(tenant)s AND lead_days IS NOT NULL AND {THEIRS_THEN}
    UNION ALL
    SELECT procedure_id, step_id, department, week, 'lead', lead_days, 1
    FROM step_turn WHERE tenant_id = %(tenant)s AND lead_days IS NOT NULL AND {THEIRS_THEN}
"""
WAITING_STEPS = f"""
    SELECT procedure_id, step_id, department, role, 1::bigint AS steps, (assignee IS NULL)::int::bigint AS nobodys,
           floor(extract(epoch FROM ready_at))::bigint AS since
    FROM task WHERE tenant_id = %(tenant)s AND {THEIRS_OPEN}
"""
DOERS_OF_STEPS = f"""
    SELECT procedure_id, step_id, department, by, 1::bigint AS times
    FROM step_turn WHERE tenant_id = %(tenant)s AND lead_days IS NOT NULL AND by IS NOT NULL AND {THEIRS}
"""
COUNTS_OF_RUNS = f"""
    SELECT procedure_id, department, procedure_version, title, is_open AS open, is_completed AS completed,
           1 - is_open - is_completed AS cancelled, is_open * (done + skipped) AS steps_done,
           is_open * total AS steps_total, sent_back::bigint AS sent_back,
           is_completed * coalesce(finished_on - started_on, 0) AS lead_days
    FROM (SELECT *, (status = 'open')::int::bigint AS is_open, (status = 'completed')::int::bigint AS is_completed
          FROM run_progress WHERE tenant_id = %(tenant)s AND {THEIRS_UNCOUNTED}) c
"""
COUNTS_OF_PARTS = f"""
    SELECT procedure_id, department, procedure_version, title, 0::bigint, completed, cancelled, 0::bigint, 0::bigint,
           sent_back, lead_days
    FROM part_count WHERE {COUNTED_PARTS}
"""
"""Closed runs are not counted one by one; `COUNTS_OF_RUNS` are the others."""
DUE_DAYS_OF_RUNS = f"""
    SELECT procedure_id, department, next_due AS due, 1::bigint AS runs, 0::bigint AS legal_runs, 0::bigint AS steps,
           0::bigint AS legal_steps
    FROM run_progress WHERE tenant_id = %(tenant)s AND status = 'open' AND next_due IS NOT NULL AND {THEIRS_OPEN}
    UNION ALL
    SELECT procedure_id, department, next_legal_due, 0, 1, 0, 0
    FROM run_progress WHERE tenant_id = %(tenant)s AND status = 'open' AND next_legal_due IS NOT NULL AND {THEIRS_OPEN}
    UNION ALL
    SELECT run_procedure_id, run_department, open_due, 0, 0, 1, legal::int
    FROM step_progress WHERE tenant_id = %(tenant)s AND open_due IS NOT NULL AND {THEIRS_OPEN}
"""
COUNT_NUMBERS = "open, completed, cancelled, steps_done, steps_total, sent_back, lead_days"
RUN_NUMBERS = "started, completed, cancelled, due, on_time, legal_due, legal_on_time, clean"
STEP_NUMBERS = "turns, waited, done, due, late, legal_due, legal_late, rejecting, sent_back, rejected, reopened"
COUNTED = {
    "run_week": (f"procedure_id, department, week, {RUN_NUMBERS}", WEEKS_OF_RUNS),
    "run_days": ("procedure_id, department, week, measure, days, runs", DAYS_OF_RUNS),
    "run_count": (f"procedure_id, department, procedure_version, title, {COUNT_NUMBERS}", COUNTS_OF_RUNS),
    "due_day": ("procedure_id, department, due, runs, legal_runs, steps, legal_steps", DUE_DAYS_OF_RUNS),
    "step_week": (f"procedure_id, step_id, department, week, {STEP_NUMBERS}", WEEKS_OF_STEPS),
    "step_time": ("procedure_id, step_id, department, week, measure, value, turns", TIMES_OF_STEPS),
    "step_waiting": ("procedure_id, step_id, department, role, steps, nobodys, since", WAITING_STEPS),
    "step_doer": ("procedure_id, step_id, department, by, times", DOERS_OF_STEPS),
}
"""The columns of each tally that are told, and the same counted from the viewer's own runs."""


def _seen(table: str) -> str:
    columns, few = COUNTED[table]
    few += f"UNION ALL {COUNTS_OF_PARTS}" if table == "run_count" else ""
    return f"(SELECT {columns} FROM {table} WHERE tenant_id = %(tenant)s AND {SHARED} UNION ALL {few})"


RUN_WEEKS, RUN_DAYS, RUN_COUNTS, DUE_DAYS, STEP_WEEKS, STEP_TIMES, STEP_WAITING, STEP_DOERS = map(_seen, COUNTED)
RUNS_READ = ("run_week", "run_days", PARTS, "run_progress")
NOW_READ = ("run_count", "due_day", "part_count", PARTS, "run_progress", "step_progress")
DOERS_READ = ("step_doer", PARTS, "step_turn")
STEPS_READ = ("step_week", PARTS, "step_turn", "step_return")


def percentiles(key: str, value: str, count: str, source: str) -> str:
    """A SELECT of `key` and the percentiles p50, p85 and p95 of a histogram: the least value that so many reach.

    By nearest rank (ISO 3534-1's sample quantile without interpolation): exact, and always a value that was there.
    """
    told = ", ".join(f"min({value}) FILTER (WHERE reached * 100 >= total * {p}) AS p{p}" for p in LEVELS)
    return f"""
    SELECT {key}, {told} FROM (
        SELECT {key}, {value}, sum(sum({count})) OVER (PARTITION BY {key} ORDER BY {value}) AS reached,
               sum(sum({count})) OVER (PARTITION BY {key}) AS total
        FROM {source} GROUP BY {key}, {value}
    ) h GROUP BY {key}
"""
