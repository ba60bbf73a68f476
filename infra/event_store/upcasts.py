"""Old stored forms to new ones: (type, schema version) → data of the next version."""

from collections.abc import Callable, Mapping
from typing import Any

UPCASTS: Mapping[tuple[str, int], Callable[[Any], Any]] = {
    ("run.started", 1): lambda data: {**data, "decisive": None},
}
