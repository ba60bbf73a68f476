"""The company's departments."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question
from queries.seen import DEPARTMENT_SEEN, Viewer, asked_by_outsiders, seen_by

DEPARTMENTS = f"""
SELECT department, title FROM department WHERE tenant_id = %(tenant)s AND {DEPARTMENT_SEEN} ORDER BY department
"""


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department's short name and title."""

    department: str
    title: str


QUESTION = Question(DEPARTMENTS, DepartmentRow, ("department",))


async def departments(
    ask: Ask, tenant: str, *, viewer: Viewer | None = None, as_of: AsOf | None = None
) -> list[DepartmentRow]:
    """Every department, by its short name; for people from outside those of the runs that they see."""
    return await ask(asked_by_outsiders(viewer, QUESTION), tenant, seen_by(viewer), as_of=as_of)
