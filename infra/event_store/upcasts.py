"""Old stored forms to new ones: (type, schema version) → data of the next version."""

from collections.abc import Callable, Mapping
from typing import Any

YEN_A_MONTH = {"lite": 30_000, "standard": 45_000, "pro": 60_000, "enterprise": 100_000}
"""The only price that each plan had for as long as `tenant.plan_chosen` of schema 1 was written."""

UPCASTS: Mapping[tuple[str, int], Callable[[Any], Any]] = {
    ("tenant.plan_chosen", 1): lambda data: {**data, "yen_a_month": YEN_A_MONTH[data["new"]]},
    # Fields told nothing of documents: what is missing is None.
    ("procedure.draft_saved", 1): lambda data: data,
    ("procedure.published", 1): lambda data: data,
    ("run.started", 1): lambda data: {**data, "decisive": None},
    ("run.started", 2): lambda data: {**data, "documents": {}},
    ("tenant.api_key_issued", 1): lambda data: {**data, "expires_at": None, "read_only": False, "only": None},
}
