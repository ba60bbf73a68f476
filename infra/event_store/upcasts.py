"""Old stored forms to new ones: (type, schema version) → data of the next version. None yet."""

from collections.abc import Callable, Mapping
from typing import Any

UPCASTS: Mapping[tuple[str, int], Callable[[Any], Any]] = {}
