"""Routes for the plan: the catalogue, what the company has and had, changing it, and what a change would come to."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from commands import plans as c
from commands.tenants import ChoosePlan
from domain.ids import TenantId
from domain.refusals import InvalidInput, NotFound
from domain.services import OPERATOR
from domain.tenants.plans import catalogue_on
from queries.plan import PlanRow, PlanState, PlanStepRow, plan_history, plan_now, state_of
from services.api import bodies as b
from services.api import query as q
from services.api.answers import CommandAnswer, receipt, rows
from services.api.call import Answer, Call
from services.api.endpoint import MEMBER, Endpoint, Query
from services.api.endpoint import OPERATOR as NEEDS_OPERATOR
from services.api.envelope import identity, open_request
from services.api.rehearsing import Rehearsal, rehearsed
from services.api.routes.asking import All, named, then
from services.api.routes.carrying import command
from services.api.routes.run_reads import READ


class SoldPlan(Struct, kw_only=True, frozen=True):
    """A plan as sold on a day, since `since`; `seats` null: the contract's own cap of at least `least`, or none."""

    plan: str
    title: str
    yen_a_month: int
    seats: int | None
    least: int
    since: date


class PendingChange(Struct, kw_only=True, frozen=True):
    """What happens at the end of the billing month; `plan` is null when the subscription ends then."""

    plan: str | None
    seats: int | None
    yen_a_month: int | None
    at: datetime
    seq: int


class RefusedChange(Struct, kw_only=True, frozen=True):
    """A change that was refused at its moment, since more seats were held than it has; `held_by` are members."""

    plan: str
    seats: int
    surplus: int
    held_by: Sequence[str]
    at: datetime
    seq: int


class PlanAnswer(Struct, kw_only=True, frozen=True):
    """The plan since `since`, by the event `since_seq`. In every state but `trial` and `active` one can only read."""

    state: PlanState
    plan: str | None
    seats: int | None
    yen_a_month: int | None
    since: datetime
    since_seq: int
    trial_ends_at: datetime | None
    pending: PendingChange | None
    refused: RefusedChange | None
    history: Sequence[PlanStepRow]


async def list_plans(call: Call) -> Answer:
    """The catalogue of a day."""
    day = call.query.get("on") or call.known.tenant.today(call.at)
    sold = [
        SoldPlan(
            plan=plan.name,
            title=plan.title,
            yen_a_month=plan.yen_a_month,
            seats=plan.seats,
            least=plan.least,
            since=plan.since,
        )
        for plan in catalogue_on(day)
    ]
    return rows(All(items=sold))


async def get_plan(call: Call) -> Answer:
    """What the company has, and how it came to that."""
    when = await then(call)
    found = await plan_now(call.deps.ask, call.tenant, as_of=when.as_of)
    if found is None:
        raise NotFound("expected a company that had signed up then, but it had not")
    history = await plan_history(call.deps.ask, call.tenant, as_of=when.as_of)
    return rows(
        PlanAnswer(
            state=state_of(found, when.at),
            plan=found.plan,
            seats=found.seats,
            yen_a_month=found.yen_a_month,
            since=found.since,
            since_seq=found.since_seq,
            trial_ends_at=found.trial_ends_at,
            pending=_pending(found),
            refused=_refused(found),
            history=named(history),
        )
    )


def _pending(found: PlanRow) -> PendingChange | None:
    if found.pending_at is None or found.pending_seq is None:
        return None
    return PendingChange(
        plan=found.pending_plan,
        seats=found.pending_seats,
        yen_a_month=found.pending_yen_a_month,
        at=found.pending_at,
        seq=found.pending_seq,
    )


def _refused(found: PlanRow) -> RefusedChange | None:
    if found.refused_plan is None or found.refused_at is None:
        return None
    return RefusedChange(
        plan=found.refused_plan,
        seats=found.refused_seats or 0,
        surplus=found.refused_surplus or 0,
        held_by=found.refused_held_by or (),
        at=found.refused_at,
        seq=found.refused_seq or 0,
    )


async def rehearse(call: Call) -> Answer:
    """What would happen if."""
    body: b.RehearsalBody = call.body
    if (body.plan is None) != body.cancel or (body.cancel and body.seats is not None):
        raise InvalidInput("expected either a 'plan', or 'cancel' alone, but got something else", field="plan")
    return rows(await rehearsed(call, ChoosePlan(body.plan, body.seats) if body.plan else c.CancelPlan()))


async def lapse(call: Call) -> Answer:
    """End a company's subscription, as the operator."""
    tenant = TenantId(call.ids["tenant"])
    given = identity(call, call.headers.get(b"idempotency-key"), f"operator\n{tenant}")
    return receipt(await call.deps.commands.execute(open_request(call, given, tenant, OPERATOR.id), c.LapsePlan()))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/plans",
        "list_plans",
        "The plans as they are sold today where the company is, or on another day: prices by month, and seats.",
        MEMBER,
        list_plans,
        answer=All[SoldPlan],
        query=(Query("on", q.day("on"), {"type": "string", "format": "date"}, "The day; without it, today."),),
    ),
    Endpoint(
        "GET",
        "/v1/plan",
        "get_plan",
        "The company's plan, its limit and price, what is pending, what was refused last, and each event behind it.",
        "read_seats",
        get_plan,
        answer=PlanAnswer,
        query=READ,
    ),
    command(
        "PUT",
        "/v1/plan",
        ChoosePlan,
        lambda call: ChoosePlan(call.body.plan, call.body.seats),
        b.PlanBody,
    ),
    command("DELETE", "/v1/plan", c.CancelPlan, lambda _: c.CancelPlan()),
    command("DELETE", "/v1/plan/pending", c.WithdrawPlanChange, lambda _: c.WithdrawPlanChange()),
    Endpoint(
        "POST",
        "/v1/plan/rehearsal",
        "rehearse_plan",
        "What a change of the plan, or its cancellation, would come to right now, decided as the change itself would. "
        "Nothing is changed, nothing is recorded.",
        "choose_plan",
        rehearse,
        body=b.RehearsalBody,
        answer=Rehearsal,
    ),
    Endpoint(
        "POST",
        "/v1/tenants/{tenant}/lapse",
        "lapse_plan",
        (c.LapsePlan.__doc__ or "").strip(),
        NEEDS_OPERATOR,
        lapse,
        body=b.Body,
        answer=CommandAnswer,
        carries_out=("lapse_plan",),
    ),
)
