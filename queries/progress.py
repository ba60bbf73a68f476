"""Progress in numbers: what is added up for procedures and for departments, of `RUN_COUNTS` and `DUE_DAYS`."""

COUNTS = """
       sum(open)::bigint AS open, sum(completed)::bigint AS completed, sum(cancelled)::bigint AS cancelled,
       sum(steps_done)::bigint AS steps_done, sum(steps_total)::bigint AS steps_total,
       sum(sent_back)::bigint AS sent_back, round(sum(lead_days) / nullif(sum(completed), 0), 1) AS average_days
"""
DUES = """
       coalesce(sum(runs) FILTER (WHERE due < %(today)s::date), 0)::bigint AS late,
       coalesce(sum(legal_runs) FILTER (WHERE due < %(today)s::date), 0)::bigint AS late_legal,
       coalesce(sum(runs) FILTER (WHERE due >= %(today)s::date), 0)::bigint AS due_this_week
"""
UNTIL_NOW = "due <= %(week_end)s::date"
