"""Documents that steps kept, found by date, amount and counterparty, alone or together (電子帳簿保存法)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from queries.asking import Ask, AsOf, Question
from queries.seen import RUN_SEEN, Viewer, seen_by

DocumentPlace = tuple[date, int]
"""Where a document stands in the list: its date, and the sequence of the event that kept it."""

DOCUMENTS = f"""
SELECT d.dated, d.seq, d.run_id, d.step_id, d.edition, d.newest, d.amount, d.counterparty, d.files, d.kept_at,
       d.kept_by, run_progress.procedure_id, run_progress.title AS procedure_title, run_progress.subject,
       run_progress.department, run_progress.confidential, run_progress.status AS run_status, s.title AS step_title
FROM document d
JOIN run_progress ON run_progress.tenant_id = d.tenant_id AND run_progress.run_id = d.run_id
JOIN step_progress s ON s.tenant_id = d.tenant_id AND s.run_id = d.run_id AND s.step_id = d.step_id
WHERE d.tenant_id = %(tenant)s
  AND (%(since)s::date IS NULL OR d.dated >= %(since)s::date)
  AND (%(until)s::date IS NULL OR d.dated <= %(until)s::date)
  AND (%(least)s::numeric IS NULL OR d.amount::numeric >= %(least)s::numeric)
  AND (%(most)s::numeric IS NULL OR d.amount::numeric <= %(most)s::numeric)
  AND (%(counterparty)s::text IS NULL
       OR position(lower(normalize(%(counterparty)s::text, NFKC)) IN lower(normalize(d.counterparty, NFKC))) > 0)
  AND (%(procedure)s::uuid IS NULL OR run_progress.procedure_id = %(procedure)s::uuid)
  AND (%(department)s::text IS NULL OR run_progress.department = %(department)s::text)
  AND (%(run)s::uuid IS NULL OR d.run_id = %(run)s::uuid)
  AND (%(file)s::text IS NULL OR EXISTS (SELECT FROM jsonb_each_text(d.files) f WHERE f.value = %(file)s::text))
  AND (%(corrected)s::boolean OR d.newest)
  AND (%(after_dated)s::date IS NULL OR (d.dated, d.seq) > (%(after_dated)s::date, %(after_seq)s::bigint))
  AND {RUN_SEEN}
ORDER BY d.dated, d.seq LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What a step kept: `files` are SHA-256 by the form's fields, `amount` is a decimal in yen.

    `edition` counts the times that the step was done: the newest is not a corrected one. `seq` is the event that
    kept it.
    """

    dated: date
    seq: int
    run_id: str
    step_id: str
    edition: int
    newest: bool
    amount: str | None
    counterparty: str | None
    files: dict[str, str]
    kept_at: datetime
    kept_by: str
    procedure_id: str
    procedure_title: str
    subject: str
    department: str
    confidential: bool
    run_status: str
    step_title: str

    @property
    def after(self) -> DocumentPlace:
        """Where the next page begins when this is the last document of a page."""
        return self.dated, self.seq


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents, all of it together; None is any. Days and amounts are inclusive.

    `counterparty` is a part of the name, whatever the case or width; `file` a SHA-256; `corrected` wants those too
    that a later edition took the place of.
    """

    since: date | None = None
    until: date | None = None
    least: str | None = None
    most: str | None = None
    counterparty: str | None = None
    procedure: str | None = None
    department: str | None = None
    run: str | None = None
    file: str | None = None
    corrected: bool = False


QUESTION = Question(DOCUMENTS, DocumentRow, ("document", "run_progress", "step_progress"))
ALL = DocumentFilter()


async def documents(
    ask: Ask,
    tenant: str,
    *,
    where: DocumentFilter = ALL,
    viewer: Viewer | None = None,
    limit: int = 100,
    after: DocumentPlace | None = None,
    as_of: AsOf | None = None,
) -> list[DocumentRow]:
    """At most `limit` documents beyond `after`, the oldest first; those of runs that `viewer` may see."""
    dated, seq = after or (None, None)
    parameters: dict[str, Any] = {
        "since": where.since,
        "until": where.until,
        "least": where.least,
        "most": where.most,
        "counterparty": where.counterparty,
        "procedure": where.procedure,
        "department": where.department,
        "run": where.run,
        "file": where.file,
        "corrected": where.corrected,
        "limit": limit,
        "after_dated": dated,
        "after_seq": seq,
        **seen_by(viewer),
    }
    return await ask(QUESTION, tenant, parameters, as_of=as_of, stream=where.run)
