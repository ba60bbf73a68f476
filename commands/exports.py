"""Commands on exports of a company's log."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from commands.request import Request
from commands.tenants import TenantCommand, asker
from commands.wide import Sight, Wants, WideCommand
from domain.duties.handing_over import Decided
from domain.ids import MemberId, ProcedureId, RunId
from domain.tenants import exporting
from domain.tenants.events import TenantEvent
from domain.tenants.export_events import ExportAsked, ExportMade, Failure, Format
from domain.tenants.member import Member
from domain.tenants.state import Tenant


@dataclass(frozen=True, slots=True)
class AskExport(WideCommand):
    """Ask for an export (書き出し) of the company's log: of everything, of a period, of a procedure, or of a run.

    It is made in the background up to a signed checkpoint, and proves what it holds.
    """

    name: ClassVar[str] = "ask_export"
    formats: tuple[Format, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    procedure: ProcedureId | None = None
    run: RunId | None = None
    lang: Literal["ja", "en"] = "ja"
    personal: bool = True

    def wants(self) -> Wants:
        """The procedure and the run."""
        runs = (self.run,) if self.run else ()
        return Wants(runs=runs, procedures=(self.procedure,) if self.procedure else ())

    def decide(self, sight: Sight, request: Request, by: Member) -> Decided:
        """See exporting.ask."""
        world = sight.world
        runs = {run: case.run for run, case in world.cases.items()}
        asked = ExportAsked(
            request.command,
            by.id,
            tuple(sorted(set(self.formats))),
            self.since,
            self.until,
            self.procedure,
            self.run,
            self.lang,
            self.personal,
        )
        return Decided({}, exporting.ask(world.tenant, asked, world.procedures, runs))


@dataclass(frozen=True, slots=True)
class CancelExport(TenantCommand):
    """Cancel an export: it is not made, or what was made is there no more. Auditors cancel what they asked for."""

    name: ClassVar[str] = "cancel_export"
    export: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See exporting.cancel."""
        return [*exporting.cancel(tenant.exports, self.export, asker(by))]


@dataclass(frozen=True, slots=True)
class FinishExport(TenantCommand):
    """The exporter has made the bundle; `erasures` is how many people had been erased before it began to read."""

    name: ClassVar[str] = "finish_export"
    by_service: ClassVar[bool] = True
    made: ExportMade
    erasures: int

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See exporting.finish."""
        return [*exporting.finish(tenant.exports, self.made, self.erasures)]


@dataclass(frozen=True, slots=True)
class FailExport(TenantCommand):
    """The exporter gives an export up."""

    name: ClassVar[str] = "fail_export"
    by_service: ClassVar[bool] = True
    export: str
    code: Failure

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See exporting.fail."""
        return [*exporting.fail(tenant.exports, self.export, self.code)]


@dataclass(frozen=True, slots=True)
class ExpireExport(TenantCommand):
    """The exporter ends an export whose time is over, or that shows somebody who was erased."""

    name: ClassVar[str] = "expire_export"
    by_service: ClassVar[bool] = True
    export: str

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See exporting.expire."""
        return [*exporting.expire(tenant.exports, self.export, request.at)]


@dataclass(frozen=True, slots=True)
class NoteDownload(TenantCommand):
    """The exporter puts on record who downloads a bundle, before it gives it out."""

    name: ClassVar[str] = "note_download"
    by_service: ClassVar[bool] = True
    export: str
    member: MemberId
    anew: bool

    def decide(self, tenant: Tenant, request: Request, by: Member | None) -> list[TenantEvent]:
        """See exporting.downloaded."""
        return [*exporting.downloaded(tenant.exports, self.export, self.member, anew=self.anew)]
