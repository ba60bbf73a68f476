"""The company's departments."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

DEPARTMENTS = """
SELECT department, title FROM department WHERE tenant_id = %(tenant)s ORDER BY department
"""


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department's short name and title."""

    department: str
    title: str


QUESTION = Question(DEPARTMENTS, DepartmentRow, ("department",))


async def departments(ask: Ask, tenant: str, *, as_of: AsOf | None = None) -> list[DepartmentRow]:
    """Every department, by its short name."""
    return await ask(QUESTION, tenant, {}, as_of=as_of)
