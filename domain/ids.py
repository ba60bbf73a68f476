"""The names things go by. UUIDs are lower-case text; slugs are short ASCII names chosen by people."""

import re
from typing import NewType

TenantId = NewType("TenantId", str)
MemberId = NewType("MemberId", str)
ProcedureId = NewType("ProcedureId", str)
RunId = NewType("RunId", str)
CommandId = NewType("CommandId", str)

DepartmentId = NewType("DepartmentId", str)
RoleId = NewType("RoleId", str)
StepId = NewType("StepId", str)
FieldId = NewType("FieldId", str)
AnchorId = NewType("AnchorId", str)

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


def is_slug(name: str) -> bool:
    """True for 1 to 40 of a-z, 0-9, '-' and '_', beginning and ending with a letter or digit."""
    return SLUG.fullmatch(name) is not None
