"""The states that decisions are made on: from the cache, or else from the log."""

from collections.abc import Mapping, Sequence
from time import monotonic

from commands.looked import Looked
from commands.ports import Loaded, Log
from commands.request import Request
from commands.states import EMPTY, Cache, Kind, Known, check_kind
from domain.events import Event
from domain.ids import TenantId
from domain.tenants.state import Tenant


class Held:
    """States that were looked at lately; whoever decides compares their versions when the events are appended."""

    def __init__(self, log: Log, most_states: int) -> None:
        self._log = log
        self._cache = Cache(most_states)

    async def tenant(self, tenant: TenantId, max_age: float = 1.0) -> Tenant:
        """The tenant, at most `max_age` seconds behind the log."""
        known = self._cache.get(tenant, tenant)
        if known is None or monotonic() - known.checked > max_age:
            known = (await self.refresh(tenant, {tenant: known or _nothing("tenant")}))[tenant]
        state: Tenant = known.state
        return state

    async def load(self, tenant: TenantId, kinds: Mapping[str, Kind]) -> dict[str, Known]:
        """Some streams' states as they are held, or else as the log has them."""
        found = {stream: self._cache.get(tenant, stream) for stream in kinds}
        known = {stream: state for stream, state in found.items() if state is not None}
        for stream, state in known.items():
            check_kind(kinds[stream], state.kind)
        missing = {stream: kind for stream, kind in kinds.items() if stream not in known}
        if not missing:
            return known
        loaded = await self._log.load(tenant, missing)
        now = monotonic()
        for stream, kind in missing.items():
            known[stream] = _known_from(kind, loaded.get(stream), now)
            if known[stream].version:
                self._cache.put(tenant, stream, known[stream])
        return known

    async def refresh(self, tenant: TenantId, known: dict[str, Known]) -> dict[str, Known]:
        """The same states, with what the log holds beyond them."""
        news = await self._log.read(tenant, {stream: k.version for stream, k in known.items()})
        now = monotonic()
        fresh = {}
        for stream, old in known.items():
            events = news.get(stream, ())
            fresh[stream] = old.after(events, len(events), now)
            if fresh[stream].version:
                self._cache.put(tenant, stream, fresh[stream])
        return fresh

    def keep(self, request: Request, looked: Looked, events: Sequence[Event]) -> None:
        """Hold what the written stream is after these events."""
        known = looked.known[looked.written]
        after = known.after(events, len(events), known.checked)
        self._cache.put(request.tenant, looked.written, after)
        self._log.keep(request.tenant, looked.written, after.kind, known.version, after.version, after.state)


def _known_from(kind: Kind, loaded: Loaded | None, checked: float) -> Known:
    if loaded is None:
        return Known(kind, 0, EMPTY[kind], checked)
    state = EMPTY[kind] if loaded.state is None else loaded.state
    return Known(kind, loaded.version, state).after(loaded.events, len(loaded.events), checked)


def _nothing(kind: Kind) -> Known:
    return Known(kind, 0, EMPTY[kind])
