"""Documents that steps keep (電子帳簿保存法), found by date, amount and counterparty; corrected editions stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from domain.events import Meta
from domain.runs import events as e
from projections.engine import Projection, Row, Rows

DDL = """
CREATE TABLE document (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, edition int NOT NULL, seq bigint NOT NULL,
    kept_at timestamptz NOT NULL, kept_by uuid NOT NULL, dated date NOT NULL, amount text, counterparty text,
    files jsonb NOT NULL, newest boolean NOT NULL,
    PRIMARY KEY (tenant_id, run_id, step_id, edition)) WITH (fillfactor = 90);
CREATE INDEX document_dated ON document (tenant_id, dated, seq);
CREATE INDEX document_amount ON document (tenant_id, (amount::numeric), seq);
CREATE TABLE document_step (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, step_id text NOT NULL, fields jsonb NOT NULL, editions int NOT NULL,
    PRIMARY KEY (tenant_id, run_id, step_id));
CREATE TABLE document_run (
    tenant_id uuid NOT NULL, run_id uuid NOT NULL, dated date, amount text, counterparty text,
    PRIMARY KEY (tenant_id, run_id));
"""


@dataclass(slots=True)
class Document(Row):
    """What a step kept when it was done for the `edition`th time; `newest` is the last of them.

    `files` are SHA-256 in hexadecimal, by their fields. What the step itself does not say, an earlier step of the run
    did; and where none says a date, it is the day the step was done. Amounts are decimals, as they stand in the log.
    """

    table: ClassVar[str] = "document"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id", "edition")
    tenant_id: str
    run_id: str
    step_id: str
    edition: int
    seq: int
    kept_at: datetime
    kept_by: str
    dated: date
    amount: str | None
    counterparty: str | None
    files: Any
    newest: bool


@dataclass(slots=True)
class DocumentStep(Row):
    """A step that keeps a document: what its fields tell of it, and how often it was done."""

    table: ClassVar[str] = "document_step"
    scope: ClassVar[str] = "run_id"
    key: ClassVar[tuple[str, ...]] = ("step_id",)
    tenant_id: str
    run_id: str
    step_id: str
    fields: Any
    editions: int = 0


@dataclass(slots=True)
class DocumentRun(Row):
    """What the run's steps last said of their documents; its later ones are of the same unless they say more."""

    table: ClassVar[str] = "document_run"
    scope: ClassVar[str] = "run_id"
    tenant_id: str
    run_id: str
    dated: date | None = None
    amount: str | None = None
    counterparty: str | None = None


documents = Projection("documents", version=1, tables=(Document, DocumentStep, DocumentRun), ddl=DDL)


@documents.on(e.RunStarted)
def _started(rows: Rows, event: e.RunStarted, meta: Meta) -> None:
    if event.documents:
        rows.add(DocumentRun(meta.tenant, meta.stream))
    for step, fields in event.documents.items():
        rows.add(DocumentStep(meta.tenant, meta.stream, step, dict(fields)))


@documents.on(e.StepCompleted)
def _completed(rows: Rows, event: e.StepCompleted, meta: Meta) -> None:
    planned = rows.get(DocumentStep, event.step)
    said = _said(planned.fields, event.values) if planned else {}
    if not said:
        return
    run = rows.change(DocumentRun)
    run.dated = date.fromisoformat(said["date"]) if "date" in said else run.dated
    run.amount = said.get("amount", run.amount)
    run.counterparty = said.get("counterparty", run.counterparty)
    step = rows.change(DocumentStep, event.step)
    if step.editions:
        rows.change(Document, (event.step, step.editions)).newest = False
    step.editions += 1
    rows.add(
        Document(
            tenant_id=meta.tenant,
            run_id=meta.stream,
            step_id=event.step,
            edition=step.editions,
            seq=meta.seq,
            kept_at=meta.recorded_at,
            kept_by=event.by,
            dated=run.dated or event.on,
            amount=run.amount,
            counterparty=run.counterparty,
            files={field: event.values[field] for field in step.fields if field in said["files"]},
            newest=True,
        )
    )


def _said(fields: Mapping[str, str], values: Mapping[Any, e.Value]) -> dict[str, Any]:
    """What the form says of a document, by part, and which fields hold files; nothing when it says nothing."""
    filled = {field: part for field, part in fields.items() if field in values}
    if not filled:
        return {}
    parts: dict[str, Any] = {part: values[field] for field, part in filled.items() if part != "file"}
    return {**parts, "files": [field for field, part in filled.items() if part == "file"]}
