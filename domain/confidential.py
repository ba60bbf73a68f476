"""Who may see what: one definition for commands; `queries/seen.py` says the same of rows, in SQL.

What is confidential is for those who have a part in it. To people from outside (partners) nothing is open: they see
the runs where they have a step, and the procedures of those.
"""

from domain.procedures.definition import Definition
from domain.procedures.state import Procedure
from domain.runs.state import Run
from domain.tenants.member import Member
from domain.tenants.permissions import MAY, OUTSIDE
from domain.tenants.state import Tenant

SEES_ALL = MAY["read_trail"]
"""Who sees confidential runs and procedures that they have no part in: those who may read the trail."""


def is_from_outside(member: Member | None) -> bool:
    """True for a partner."""
    return member is not None and member.permission in OUTSIDE


def is_hidden_from(run: Run, member: Member | None) -> bool:
    """True when a run is seen only by those who have a part in it."""
    return run.confidential or is_from_outside(member)


def may_see_run(run: Run, definition: Definition, tenant: Tenant, member: Member | None) -> bool:
    """Everyone of the company an open run; a confidential one its starter, and whoever has, had or may take a step.

    People from outside see either only where they have, had or may take a step.
    """
    if not is_hidden_from(run, member):
        return True
    if member is None:
        return False
    if member.permission in SEES_ALL or (run.starter == member.id and not is_from_outside(member)):
        return True
    roles = {role for role, holders in tenant.holders.items() if member.id in holders}
    return any(
        member.id in (state.assignee, state.by)
        or (state.status == "ready" and state.assignee is None and definition.step(step).role in roles)
        for step, state in run.steps.items()
    )


def may_see_procedure(procedure: Procedure, tenant: Tenant, member: Member | None) -> bool:
    """A procedure is as confidential as the version that runs start with, or else as its draft.

    People from outside are not asked here: what they see of procedures depends on runs.
    """
    definition = procedure.versions.get(procedure.version) or procedure.draft
    return definition is None or may_see_definition(definition, tenant, member)


def may_see_definition(definition: Definition, tenant: Tenant, member: Member | None) -> bool:
    """Everyone of the company an open definition; a confidential one whoever holds one of its roles."""
    if is_from_outside(member):
        return False
    if not definition.confidential:
        return True
    if member is None:
        return False
    if member.permission in SEES_ALL:
        return True
    return any(member.id == role.member or member.id in tenant.holders.get(role.id, ()) for role in definition.roles)
