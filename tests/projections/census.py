"""A small projection with tallies, for tests of the engine: how many steps are waiting, ready, closed."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Meta
from domain.runs import events as e
from projections.engine import Projection, Row, Rows, Tally

DDL = """
CREATE TABLE census_step (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, department text NOT NULL,
    status text NOT NULL, PRIMARY KEY (tenant_id, run_id, step_id));
CREATE TABLE census_standing (
    tenant_id uuid NOT NULL, department text NOT NULL, status text NOT NULL, steps bigint NOT NULL,
    runs bigint NOT NULL, PRIMARY KEY (tenant_id, department, status));
CREATE TABLE census_happened (
    tenant_id uuid NOT NULL, what text NOT NULL, times bigint NOT NULL, PRIMARY KEY (tenant_id, what));
"""


@dataclass(slots=True)
class CensusStep(Row):
    """A step, and what it is."""

    table: ClassVar[str] = "census_step"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    run_id: str
    step_id: str
    department: str
    status: str


@dataclass(slots=True)
class Standing(Tally):
    """How many steps are so, and how many runs have one."""

    table: ClassVar[str] = "census_standing"
    key: ClassVar[tuple[str, ...]] = ("department", "status")
    tenant_id: str
    department: str
    status: str
    steps: int
    runs: int


@dataclass(slots=True)
class Happened(Tally):
    """How often something happened."""

    table: ClassVar[str] = "census_happened"
    key: ClassVar[tuple[str, ...]] = ("what",)
    tenant_id: str
    what: str
    times: int


census = Projection("census", version=1, tables=(CensusStep, Standing, Happened), ddl=DDL)


@census.on(e.RunStarted)
def _started(rows: Rows, event: e.RunStarted, meta: Meta) -> None:
    for step in event.steps:
        rows.add(CensusStep(meta.tenant, meta.stream, step.id, event.department, "waiting"))


@census.on(e.StepReady, e.StepCompleted, e.StepApproved, e.StepSkipped)
def _became(rows: Rows, event: e.StepReady | e.StepCompleted | e.StepApproved | e.StepSkipped, meta: Meta) -> None:
    rows.change(CensusStep, event.step).status = "ready" if isinstance(event, e.StepReady) else "closed"
    rows.count(Happened(meta.tenant, event.type, 1))


@census.on(e.StepRejected, e.StepSentBack, e.StepReopened)
def _reset(rows: Rows, event: e.StepRejected | e.StepSentBack | e.StepReopened, meta: Meta) -> None:
    for step in event.reset:
        rows.change(CensusStep, step).status = "waiting"
        rows.count(Happened(meta.tenant, event.type, 1))


@census.on(e.RunCancelled)
def _cancelled(rows: Rows, _: e.RunCancelled, __: Meta) -> None:
    for row in list(rows.all(CensusStep)):
        rows.drop(CensusStep, row.step_id)


@census.stands_for
def _stands(rows: Rows) -> list[Standing]:
    steps = [Standing(s.tenant_id, s.department, s.status, 1, 0) for s in rows.all(CensusStep)]
    runs = {(s.tenant_id, s.department, s.status): Standing(s.tenant_id, s.department, s.status, 0, 1) for s in steps}
    return [*steps, *runs.values()]
