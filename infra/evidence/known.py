"""The keys that are known: whose signatures count, and since when."""

from dataclasses import dataclass
from datetime import datetime

from domain.evidence.notes import Verifier

KEYS = """
    SELECT public_key, name, valid_from, lead(valid_from) OVER (ORDER BY valid_from), reason
    FROM signing_keys ORDER BY valid_from
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs from an instant on, until another (None: still), under the log's name."""

    public: bytes
    name: str
    valid_from: datetime
    valid_until: datetime | None
    reason: str

    def verifier(self, tenant: str) -> Verifier:
        """The key under the name that it signs a tenant's checkpoints with."""
        return Verifier(origin_of(self.name, tenant), self.public)


def origin_of(name: str, tenant: str) -> str:
    """Whose log a checkpoint is of, as it says itself; also the name that its signatures bear."""
    return f"{name}/{tenant}"
