"""Each starter procedure can be carried out to its end, whichever way its conditions turn."""

from datetime import UTC, date, datetime

import pytest

from domain.ids import MemberId, ProcedureId, RunId
from domain.procedures.definition import Definition, Field, Step
from domain.procedures.starter import ROLES, STARTER
from domain.runs.decisions import approve_step, complete_step, start
from domain.runs.flow import Setting
from domain.runs.state import Run, evolve, fold
from domain.tenants.member import Member
from domain.tenants.state import Tenant
from infra.calendar import japan

PEOPLE = [MemberId(f"0198c1e5-7f40-7abc-8def-{n:012d}") for n in range(3)]
TENANT = Tenant(
    name="足跡商事",
    members={m: Member(m, "member", None, "active", "人", "person@ashiato.example") for m in PEOPLE},
    holders=dict.fromkeys(ROLES, tuple(PEOPLE)),  # type: ignore[arg-type]
)
VALUES: dict[str, object] = {
    "text": "記録", "number": 3, "date": "2026-05-01", "check": True, "person": PEOPLE[0], "file": "ab" * 32,
}  # fmt: skip


def setting(definition: Definition) -> Setting:
    return Setting(RunId(PEOPLE[0]), definition, TENANT, japan(), datetime(2026, 4, 1, tzinfo=UTC))


def value(field: Field, turn: int) -> object:
    if field.kind == "choice":
        return field.choices[turn]
    return ["0", "20000000"][turn] if field.kind == "amount" else VALUES[field.kind]


def carried_out(definition: Definition, turn: int) -> Run:
    anchors = {anchor.id: date(2026, 6, 30) for anchor in definition.anchors}
    here = setting(definition)
    run = fold(start(Run(), here, ProcedureId("p"), 1, "対象", anchors, PEOPLE[0]))
    for _ in definition.steps:
        for step in definition.steps:
            run = done(run, here, step, turn) if run.steps[step.id].status == "ready" else run
    return run


def done(run: Run, here: Setting, step: Step, turn: int) -> Run:
    barred = {run.steps[s].by for s in step.not_same_actor_as}
    by = run.steps[step.id].assignee or next(m for m in PEOPLE if m not in barred)
    if step.approval:
        events = approve_step(run, here, step.id, by)
    else:
        values: dict[str, object] = {field.id: value(field, turn) for field in step.fields}
        events = complete_step(run, here, step.id, by, values, range(len(step.checklist)))
    for event in events:
        run = evolve(event, run)
    return run


@pytest.mark.parametrize("turn", [0, -1], ids=["first-choices", "last-choices"])
@pytest.mark.parametrize("code", STARTER)
def test_each_can_be_carried_out_to_its_end(code: str, turn: int) -> None:
    assert carried_out(STARTER[code], turn).status == "completed"
