"""Runs that need not be kept any more: their period (保存期間) is over, and whom they are about is still named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from queries.asking import Ask, AsOf, Question

# The same day of a later year; 29 February in others is 1 March: a period is never cut short.
PAST_RETENTION = """
SELECT run_id, procedure_id, title, subject, ended_on,
       period + (extract(day FROM period) <> extract(day FROM ended_on))::int AS kept_until
FROM (
    SELECT r.run_id, r.procedure_id, r.title, r.subject, r.finished_on AS ended_on,
           (r.finished_on + make_interval(years => y.years))::date AS period
    FROM run_progress r CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT p.years FROM unnest(%(procedures)s::uuid[], %(years)s::int[]) p (procedure, years)
            WHERE p.procedure = r.procedure_id), %(others)s::int) AS years) y
    WHERE r.tenant_id = %(tenant)s AND r.finished_on IS NOT NULL AND r.subject <> %(erased)s::text
      AND y.years IS NOT NULL
      AND (%(after)s::uuid IS NULL OR r.run_id > %(after)s::uuid)
) found
WHERE period + (extract(day FROM period) <> extract(day FROM ended_on))::int <= %(today)s::date
ORDER BY run_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class PastRetentionRow:
    """A run that ended, and the first day on which nothing asks to keep it any more."""

    run_id: str
    procedure_id: str
    title: str
    subject: str
    ended_on: date
    kept_until: date

    @property
    def after(self) -> str:
        """Where the next page begins when this is the last of a page."""
        return self.run_id


QUESTION = Question(PAST_RETENTION, PastRetentionRow, ("run_progress",))


async def past_retention(
    ask: Ask,
    tenant: str,
    *,
    years: Mapping[str, int],
    others: int | None,
    erased: str,
    today: date,
    limit: int = 100,
    after: str | None = None,
    as_of: AsOf | None = None,
) -> list[PastRetentionRow]:
    """At most `limit` runs beyond the run `after`; `years` are periods by procedure, `others` that of all others.

    `erased` is what the subject of a run reads once they were erased: these are not told again.
    """
    parameters = {
        "procedures": [*years],
        "years": [*years.values()],
        "others": others,
        "erased": erased,
        "today": today,
        "limit": limit,
        "after": after,
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of)
