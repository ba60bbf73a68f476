"""How many open steps each person has, for the rule that spreads by load: from read models, seldom asked."""

from collections.abc import Iterable, Mapping
from time import monotonic

from commands.ports import Log
from domain.events import Event
from domain.ids import MemberId, TenantId
from domain.runs.events import StepReady

SECONDS = 1.0
"""How old a count may be. What this process gives out meanwhile is added, so that a burst is spread too."""


class Loads:
    """Counts by tenant, at most a second old."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._counted: dict[TenantId, tuple[float, dict[MemberId, int]]] = {}

    async def of(self, tenant: TenantId) -> Mapping[MemberId, int]:
        """The open steps of each person of a company."""
        at, counts = self._counted.get(tenant, (0.0, {}))
        if monotonic() - at > SECONDS:
            counts = dict(await self._log.loads(tenant))
            self._counted[tenant] = (monotonic(), counts)
        return counts

    def note(self, tenant: TenantId, events: Iterable[Event]) -> None:
        """Some events were appended here: what they gave to whom."""
        if tenant in self._counted:
            counts = self._counted[tenant][1]
            for event in events:
                if isinstance(event, StepReady) and event.assignee is not None:
                    counts[event.assignee] = counts.get(event.assignee, 0) + 1
