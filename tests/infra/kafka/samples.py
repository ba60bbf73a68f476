"""An event as it is in the log."""

from datetime import UTC, datetime

from domain.ids import TenantId
from infra.kafka.envelope import Logged

LOGGED = Logged(
    7,
    TenantId("01a1e239-5a9b-7b6d-a62a-3787118f2e90"),
    5,
    datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
    b'{"type":"run.started"}',
    "run.started",
    "01a1e239-5a9b-7b6d-a62a-3787118f2e91",
)
