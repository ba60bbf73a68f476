"""What the exporter says: which export is to be made, and who commands in its name."""

from collections.abc import Sequence
from datetime import datetime

from commands.request import Request
from domain.ids import CommandId, MemberId, TenantId
from domain.services import EXPORTER
from domain.tenants.export_events import Format
from domain.tenants.state import Tenant
from infra.ids import uuid7
from infra.read_store.export_jobs import Waiting
from services.exports.orders import Order
from services.exports.store import Store
from services.exports.wanted import FORMATS, Asked, Wanted


def order_of(dsn: str, store: Store, job: Waiting, epoch: int, size: int, tenant: Tenant) -> Order:
    """The order of a job up to a checkpoint; whoever gives it again gives the same, but for the place."""
    wanted = Wanted(
        job.tenant,
        formats_of(job.formats),
        job.since,
        job.until,
        job.procedure,
        job.run,
        "ja" if job.lang == "ja" else "en",
        job.personal,
        size,
    )
    asker = tenant.members[MemberId(job.asked_by)]
    place = store.place(job.tenant, job.export, epoch)
    return Order(dsn, wanted, Asked(job.asked_by, asker.name, job.asked_at, job.export), *place)


def formats_of(names: Sequence[str]) -> tuple[Format, ...]:
    """The views of these names, in the order in which they are made."""
    return tuple(name for name in FORMATS if name in names)


def by_exporter(tenant: str, at: datetime) -> Request:
    """The envelope of a command that the exporter gives."""
    return Request(TenantId(tenant), CommandId(uuid7()), at, actor=EXPORTER.id)
