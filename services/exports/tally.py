"""What an exporter did, for whoever looks at the program."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """What this process did since it began; all of it only grows. `seconds` is the time of what was made."""

    made: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    bytes: int = 0
    events: int = 0
    seconds: float = 0.0
    failures: int = 0
