"""Exports of the company's log: what was asked for, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Meta
from domain.tenants import erasure_events as erasure
from domain.tenants import export_events as e
from projections.engine import Projection, Row, Rows

ASKED, MADE, FAILED, CANCELLED, EXPIRED = "asked", "made", "failed", "cancelled", "expired"

DDL = """
CREATE TABLE export (
    tenant_id uuid NOT NULL, export_id uuid NOT NULL, seq bigint NOT NULL, status text NOT NULL,
    asked_at timestamptz NOT NULL, asked_by uuid NOT NULL, formats text NOT NULL, since timestamptz,
    until timestamptz, procedure_id uuid, run_id uuid, lang text NOT NULL, with_personal boolean NOT NULL,
    made_at timestamptz, sha256 text, bytes bigint, events bigint, first_seq bigint, last_seq bigint, size bigint,
    root text, expires_at timestamptz, ended_at timestamptz, because text, downloads int NOT NULL,
    downloaded_at timestamptz,
    PRIMARY KEY (tenant_id, export_id));
CREATE UNIQUE INDEX export_seq ON export (tenant_id, seq);
CREATE INDEX export_open ON export (status, expires_at) WHERE status IN ('asked', 'made');
"""


@dataclass(slots=True)
class Export(Row):
    """One export; `seq` is the event that asked for it. `because` says why it failed or expired.

    `formats` have commas between. `expires_at` is when it ends, or when somebody whom it may show was erased.
    """

    table: ClassVar[str] = "export"
    scope: ClassVar[str] = "tenant_id"
    key: ClassVar[tuple[str, ...]] = ("export_id",)
    tenant_id: str
    export_id: str
    seq: int
    status: str
    asked_at: datetime
    asked_by: str
    formats: str
    since: datetime | None
    until: datetime | None
    procedure_id: str | None
    run_id: str | None
    lang: str
    with_personal: bool
    made_at: datetime | None = None
    sha256: str | None = None
    bytes: int | None = None
    events: int | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    size: int | None = None
    root: str | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    because: str | None = None
    downloads: int = 0
    downloaded_at: datetime | None = None


exports = Projection("exports", version=1, tables=(Export,), ddl=DDL)


@exports.on(e.ExportAsked)
def _asked(rows: Rows, event: e.ExportAsked, meta: Meta) -> None:
    rows.add(
        Export(
            meta.tenant,
            event.export,
            meta.seq,
            ASKED,
            meta.recorded_at,
            event.by,
            ",".join(event.formats),
            event.since,
            event.until,
            event.procedure,
            event.run,
            event.lang,
            event.personal,
        )
    )


@exports.on(e.ExportMade)
def _made(rows: Rows, event: e.ExportMade, meta: Meta) -> None:
    row = rows.change(Export, event.export)
    row.status, row.made_at, row.sha256, row.bytes = MADE, meta.recorded_at, event.sha256, event.bytes
    row.events, row.first_seq, row.last_seq = event.events, event.first_seq, event.last_seq
    row.size, row.root, row.expires_at = event.size, event.root, event.expires_at


@exports.on(e.ExportFailed)
def _failed(rows: Rows, event: e.ExportFailed, meta: Meta) -> None:
    _ended(rows, event.export, FAILED, meta, event.code)


@exports.on(e.ExportCancelled)
def _cancelled(rows: Rows, event: e.ExportCancelled, meta: Meta) -> None:
    _ended(rows, event.export, CANCELLED, meta)


@exports.on(e.ExportExpired)
def _expired(rows: Rows, event: e.ExportExpired, meta: Meta) -> None:
    _ended(rows, event.export, EXPIRED, meta, event.cause)


@exports.on(e.ExportDownloaded)
def _downloaded(rows: Rows, event: e.ExportDownloaded, meta: Meta) -> None:
    row = rows.change(Export, event.export)
    row.downloads, row.downloaded_at = row.downloads + 1, meta.recorded_at


@exports.on(erasure.PersonErased, erasure.TenantClosed)
def _erased(rows: Rows, _: erasure.PersonErased | erasure.TenantClosed, meta: Meta) -> None:
    """What was made before may show who was erased: it is over at once."""
    for row in [*rows.all(Export)]:
        if row.status == MADE and row.with_personal:
            rows.change(Export, row.export_id).expires_at = meta.recorded_at


def _ended(rows: Rows, export: str, how: str, meta: Meta, because: str | None = None) -> None:
    row = rows.change(Export, export)
    row.status, row.ended_at, row.because = how, meta.recorded_at, because
