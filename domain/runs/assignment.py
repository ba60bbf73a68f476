"""From a role to a person, by a named rule, at the moment a step becomes ready."""

from collections.abc import Sequence

from domain.ids import MemberId, RunId
from domain.procedures.definition import Role, Step
from domain.runs.state import Run
from domain.tenants.state import Tenant


def assignee(run_id: RunId, run: Run, step: Step, role: Role, tenant: Tenant) -> tuple[MemberId | None, str]:
    """Who is to do the step, and the rule that said so; (None, "open") when nobody fits.

    A step that was done before returns to whoever did it. Whoever `not_same_actor_as` rules out is passed over.
    """
    barred = {run.steps[other].by for other in step.not_same_actor_as}
    before = run.steps[step.id].by
    if before is not None and tenant.can_do_steps(before) and before not in barred:
        return before, "did_it_before"
    fitting = [m for m in _candidates(run_id, run, role, tenant) if tenant.can_do_steps(m) and m not in barred]
    return (fitting[0], role.rule) if fitting else (None, "open")


def _candidates(run_id: RunId, run: Run, role: Role, tenant: Tenant) -> Sequence[MemberId]:
    holders = tenant.active_holders(role.id)
    if role.rule == "open":
        return ()
    if role.rule == "member" and role.member:
        return (role.member,)
    if role.rule == "starter":
        return (run.starter,)
    if role.rule == "same_as" and role.step and (by := run.steps[role.step].by):
        return (by, *holders)
    if role.rule == "spread" and holders:
        first = int(run_id[-8:], 16) % len(holders)
        return (*holders[first:], *holders[:first])
    return holders
