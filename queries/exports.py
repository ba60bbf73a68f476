"""Exports of the company's log: what was asked for, what is there, what is over."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, AsOf, Question

EXPORTS = """
SELECT e.export_id AS export, e.seq, e.status, e.asked_at, e.asked_by, string_to_array(e.formats, ',') AS formats,
       e.since, e.until, e.procedure_id AS procedure, e.run_id AS run, e.lang, e.with_personal AS personal, e.made_at,
       e.sha256, e.bytes, e.events, e.first_seq, e.last_seq, e.size, e.root, e.expires_at, e.ended_at, e.because,
       e.downloads, e.downloaded_at
FROM export e
WHERE e.tenant_id = %(tenant)s AND (%(export)s::uuid IS NULL OR e.export_id = %(export)s::uuid)
  AND (%(after)s::bigint IS NULL OR e.seq < %(after)s::bigint)
ORDER BY e.seq DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export: `asked`, `made`, `failed`, `cancelled` or `expired`, and `because` of what.

    `seq` is the event that asked for it; `size` the checkpoint's, `bytes` and `sha256` are the archive's.
    """

    export: str
    seq: int
    status: str
    asked_at: datetime
    asked_by: str
    formats: list[str]
    since: datetime | None
    until: datetime | None
    procedure: str | None
    run: str | None
    lang: str
    personal: bool
    made_at: datetime | None
    sha256: str | None
    bytes: int | None
    events: int | None
    first_seq: int | None
    last_seq: int | None
    size: int | None
    root: str | None
    expires_at: datetime | None
    ended_at: datetime | None
    because: str | None
    downloads: int
    downloaded_at: datetime | None

    @property
    def after(self) -> int:
        """Where the next page begins when this is the last of a page."""
        return self.seq


QUESTION = Question(EXPORTS, ExportRow, ("export",))


async def exports(
    ask: Ask, tenant: str, *, limit: int = 100, after: int | None = None, as_of: AsOf | None = None
) -> list[ExportRow]:
    """At most `limit` exports asked for before the sequence `after`, the newest first."""
    return await ask(QUESTION, tenant, {"limit": limit, "after": after, "export": None}, as_of=as_of)


async def export(ask: Ask, tenant: str, name: str, *, as_of: AsOf | None = None) -> ExportRow | None:
    """One of them; None when there is none of that id."""
    found = await ask(QUESTION, tenant, {"limit": 1, "after": None, "export": name}, as_of=as_of)
    return found[0] if found else None
