"""Request bodies about what is kept: erasures, holds, retention, exports, a company's end."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from domain.tenants.export_events import Format as ExportFormat
from services.api.bodies import Body, Uuid

KeysUntil = Annotated[datetime, Meta(tz=True, description="Until when the company's keys stay: 30 days ahead or more.")]


class ErasureBody(Body, kw_only=True, frozen=True):
    """Who is erased: a former `member`, those whom closed `runs` were about, or both; they are one person."""

    member: Uuid | None = None
    runs: Annotated[tuple[Uuid, ...], Meta(max_length=1_000)] = ()


class HoldBody(Body, kw_only=True, frozen=True):
    """What is held: a `member`, a `run`, or without either everything."""

    member: Uuid | None = None
    run: Uuid | None = None


class ExportBody(Body, kw_only=True, frozen=True):
    """Which events: all, or those of a period of recording (`until` is not in it), of a `procedure`, or of a `run`.

    `formats` are views beside the evidence, `lang` is that of the report; without `personal` views leave personal data
    out.
    """

    formats: tuple[ExportFormat, ...] = ()
    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    procedure: Uuid | None = None
    run: Uuid | None = None
    lang: Literal["ja", "en"] = "ja"
    personal: bool = True


class RetentionBody(Body, kw_only=True, frozen=True):
    """For how many years the runs of `procedure` (without it: of all that have no period of their own) are kept.

    Years count from the day a run ended; null asks for nothing any more.
    """

    years: int | None
    procedure: Uuid | None = None


class EndBody(Body, kw_only=True, frozen=True):
    """Until when the keys stay, 30 days ahead at least."""

    keys_until: KeysUntil


class WebhookBody(Body, kw_only=True, frozen=True):
    """Where checkpoints are sent: an https address, public or on a host that the operator allows; null for none."""

    url: str | None
