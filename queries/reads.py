"""What auditors have read: each read that was answered, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.asking import Ask, Question

ReadPlace = tuple[datetime, str]
"""Where a read stands in the list: when it was, its id."""

READS = """
SELECT l.at, l.read_id, l.member_id, p.name AS member_name, l.what, l.asked, l.seq
FROM public.auditor_reads l
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND p.member_id = l.member_id
WHERE l.tenant_id = %(tenant)s
  AND (%(member)s::uuid IS NULL OR l.member_id = %(member)s::uuid)
  AND (%(what)s::text IS NULL OR l.what = %(what)s::text)
  AND (%(since)s::timestamptz IS NULL OR l.at >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR l.at < %(until)s::timestamptz)
  AND (%(after_id)s::uuid IS NULL OR (l.at, l.read_id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
ORDER BY l.at DESC, l.read_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A read: who read what (a route's name, or a page of the console), what was asked for, and up to which event."""

    at: datetime
    read_id: str
    member_id: str
    member_name: str | None
    what: str
    asked: dict[str, Any]
    seq: int

    @property
    def after(self) -> ReadPlace:
        """Where the next page begins when this is the last read of a page."""
        return self.at, self.read_id


QUESTION = Question(READS, ReadRow, (), labels=("person",))


async def reads(
    ask: Ask,
    tenant: str,
    *,
    member: str | None = None,
    what: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    after: ReadPlace | None = None,
) -> list[ReadRow]:
    """At most `limit` reads beyond `after`; `until` is exclusive."""
    at, read = after or (None, None)
    parameters = {
        "member": member,
        "what": what,
        "since": since,
        "until": until,
        "limit": limit,
        "after_at": at,
        "after_id": read,
    }
    return await ask(QUESTION, tenant, parameters)
