"""What a company may do follows from the clock: a scheduler that is late, or never comes, changes none of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.refusals import Refusal
from domain.tenants.events import TenantEvent
from domain.tenants.folding import fold
from domain.tenants.permitting import permit
from domain.tenants.state import Tenant
from domain.tenants.subscription import (
    apply_plan_change,
    cancel_plan,
    choose_plan,
    end_trial,
    lapse_plan,
    withdraw_plan_change,
)
from tests.people import EMI, MONDAY, SIGNED_UP

WHY = "理由"
Decision = Callable[[Tenant, datetime], list[TenantEvent]]

ANYTHING: dict[str, Decision] = {
    "choose_plan": lambda tenant, at: choose_plan(tenant, "lite", None, WHY, at),
    "cancel_plan": lambda tenant, at: cancel_plan(tenant, WHY, at),
    "withdraw_plan_change": lambda tenant, _: withdraw_plan_change(tenant, WHY),
    "lapse_plan": lambda tenant, at: lapse_plan(tenant, WHY, at),
}
"""Without smaller plans: whether one fits is asked when it is carried out, so that is the scheduler's moment."""
TURNS = st.lists(st.tuples(st.sampled_from(sorted(ANYTHING)), st.integers(0, 25)), max_size=12)


def decided(tenant: Tenant, name: str, at: datetime) -> tuple[Tenant, str]:
    """The company after a command of its owner's or the operator's, and what it was refused for."""
    try:
        if name != "lapse_plan":
            permit(tenant, EMI, name, at)
        return fold(ANYTHING[name](tenant, at), tenant), ""
    except Refusal as refusal:
        return tenant, refusal.code


def noted(tenant: Tenant, at: datetime) -> Tenant:
    """The company after a look of the scheduler's."""
    tenant = fold(end_trial(tenant, at), tenant)
    return fold(apply_plan_change(tenant, at), tenant)


def seen(tenant: Tenant, at: datetime) -> tuple[Any, ...]:
    """What anyone can tell of it."""
    why = tenant.read_only(at)
    return why, tenant.plan if why is None else None


@given(TURNS, st.data())
def test_a_scheduler_that_is_late_changes_nothing_that_a_company_may_do(
    turns: list[tuple[str, int]], data: st.DataObject
) -> None:
    prompt = late = fold(SIGNED_UP)
    at = MONDAY
    for name, days in turns:
        at += timedelta(days=days)
        prompt = noted(prompt, at)
        if data.draw(st.booleans(), label="the late one looks"):
            late = noted(late, at)
        assert seen(prompt, at) == seen(late, at)
        prompt, answer = decided(prompt, name, at)
        late, same = decided(late, name, at)
        assert answer == same
        assert seen(prompt, at) == seen(late, at)
