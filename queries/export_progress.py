"""How far an export is that is being made: that is no event, so it has no past."""

from dataclasses import dataclass

from queries.asking import Ask, Question

PROGRESS = """
SELECT j.done, j.total, j.epoch AS tries FROM public.export_jobs j
WHERE j.tenant_id = %(tenant)s AND j.export_id = %(export)s::uuid
"""


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """Events that were read, of how many; and how often the making was begun."""

    done: int
    total: int
    tries: int


QUESTION = Question(PROGRESS, ExportProgress, ())


async def export_progress(ask: Ask, tenant: str, export: str) -> ExportProgress | None:
    """How far it is; None before anybody is at it."""
    found = await ask(QUESTION, tenant, {"export": export})
    return found[0] if found else None
