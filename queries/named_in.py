"""Procedures that are in use and name a member themselves."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

NAMED = """
SELECT procedure_id, title, department FROM procedure_card
WHERE tenant_id = %(tenant)s AND people @> ARRAY[%(member)s::uuid] AND version > 0 AND NOT retired
ORDER BY title, procedure_id
"""


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A procedure with a role that is always the member's."""

    procedure_id: str
    title: str
    department: str


QUESTION = Question(NAMED, NamedRow, ("procedure_card",))


async def named_in(ask: Ask, tenant: str, member: str, *, as_of: AsOf | None = None) -> list[NamedRow]:
    """The procedures whose newest version names the member."""
    return await ask(QUESTION, tenant, {"member": member}, as_of=as_of)
