"""What has happened to exports of a company's log: who took what along, and what became of it.

None of these events holds personal data; the bundles themselves may.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from domain.ids import MemberId, ProcedureId, RunId

Format = Literal["csv", "parquet", "ocel", "ocel-sqlite", "xes", "pdf"]
"""Views beside the evidence, which is always there."""
Failure = Literal["disk_full", "no_checkpoint", "log_unfit", "interrupted"]
"""Why an export was not made."""


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """Somebody asked for an export: of which events (`since` and `until` of recording), and in which views.

    Without `personal` the views leave personal data out.
    """

    type: ClassVar[str] = "tenant.export_asked"
    export: str
    by: MemberId
    formats: tuple[Format, ...]
    since: datetime | None
    until: datetime | None
    procedure: ProcedureId | None
    run: RunId | None
    lang: Literal["ja", "en"]
    personal: bool


@dataclass(frozen=True, slots=True)
class ExportMade:
    """The bundle is there until `expires_at`: an archive of `bytes`, with this digest, up to a checkpoint of `size`."""

    type: ClassVar[str] = "tenant.export_made"
    export: str
    sha256: str
    bytes: int
    events: int
    first_seq: int | None
    last_seq: int | None
    size: int
    root: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ExportFailed:
    """There is no bundle, and will be none."""

    type: ClassVar[str] = "tenant.export_failed"
    export: str
    code: Failure


@dataclass(frozen=True, slots=True)
class ExportCancelled:
    """It was not wanted any more, before it was made or after."""

    type: ClassVar[str] = "tenant.export_cancelled"
    export: str


@dataclass(frozen=True, slots=True)
class ExportExpired:
    """The bundle is gone: its time was over, or it showed somebody who was erased since."""

    type: ClassVar[str] = "tenant.export_expired"
    export: str
    cause: Literal["time", "erasure"]


@dataclass(frozen=True, slots=True)
class ExportDownloaded:
    """A member began to download the bundle."""

    type: ClassVar[str] = "tenant.export_downloaded"
    export: str
    member: MemberId
    sha256: str


ExportEvent = ExportAsked | ExportMade | ExportFailed | ExportCancelled | ExportExpired | ExportDownloaded
