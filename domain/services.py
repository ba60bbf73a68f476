"""Services: they act without being members. Their ids stand in the log as actors, and no credential stands for one.

Every id that the program makes is of version 7, or 8 with a digest in it; these are none that it could make.
"""

from collections.abc import Mapping
from typing import NamedTuple

from domain.ids import MemberId
from domain.refusals import NotPermitted


class Service(NamedTuple):
    """Who acts, and how they are called in Japanese and English."""

    id: MemberId
    japanese: str
    english: str


SCHEDULER = Service(MemberId("00000000-0000-8000-8000-000000000001"), "スケジューラー", "the scheduler")
"""Makes what time brings happen: the end of a trial, of an invitation, of a billing month."""
OPERATOR = Service(MemberId("00000000-0000-8000-8000-000000000002"), "運営者", "the operator")
"""Whoever runs the program, for what no customer decides."""

EXPORTER = Service(MemberId("00000000-0000-8000-8000-000000000003"), "書き出し係", "the exporter")
"""Makes exports, ends them, and notes who downloads them."""

SERVICES: Mapping[str, Service] = {service.id: service for service in (SCHEDULER, OPERATOR, EXPORTER)}

SERVICES_MAY: Mapping[str, Service] = {
    "end_trial": SCHEDULER,
    "expire_invitation": SCHEDULER,
    "apply_plan_change": SCHEDULER,
    "lapse_plan": OPERATOR,
    "close_tenant": OPERATOR,
    "direct_checkpoints": OPERATOR,
    "finish_export": EXPORTER,
    "fail_export": EXPORTER,
    "expire_export": EXPORTER,
    "note_download": EXPORTER,
}
"""The commands that no member may carry out, and the service that does."""


def permit_service(actor: MemberId | None, key: str | None, command: str) -> None:
    """Refuse everyone but the service whose command it is; whoever comes with a credential is none."""
    service = SERVICES_MAY[command]
    if actor != service.id or key is not None:
        raise NotPermitted(f"expected {service.english} to {command.replace('_', ' ')}, but it is someone else")
