"""Who may see what is confidential: one definition for commands; `queries/seen.py` says the same of rows, in SQL."""

from domain.procedures.definition import Definition
from domain.procedures.state import Procedure
from domain.runs.state import Run
from domain.tenants.permissions import MAY
from domain.tenants.state import Member, Tenant

SEES_ALL = MAY["read_trail"]
"""Who sees confidential runs and procedures that they have no part in: those who may read the trail."""


def may_see_run(run: Run, definition: Definition, tenant: Tenant, member: Member | None) -> bool:
    """Everyone an open run; a confidential one its starter, and whoever has, had or may take a step of it."""
    if not run.confidential:
        return True
    if member is None:
        return False
    if member.permission in SEES_ALL or run.starter == member.id:
        return True
    roles = {role for role, holders in tenant.holders.items() if member.id in holders}
    return any(
        member.id in (state.assignee, state.by)
        or (state.status == "ready" and state.assignee is None and definition.step(step).role in roles)
        for step, state in run.steps.items()
    )


def may_see_procedure(procedure: Procedure, tenant: Tenant, member: Member | None) -> bool:
    """A procedure is as confidential as the version that runs start with, or else as its draft."""
    definition = procedure.versions.get(procedure.version) or procedure.draft
    return definition is None or may_see_definition(definition, tenant, member)


def may_see_definition(definition: Definition, tenant: Tenant, member: Member | None) -> bool:
    """Everyone an open definition; a confidential one whoever holds one of its roles."""
    if not definition.confidential:
        return True
    if member is None:
        return False
    if member.permission in SEES_ALL:
        return True
    return any(member.id == role.member or member.id in tenant.holders.get(role.id, ()) for role in definition.roles)
