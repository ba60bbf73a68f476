"""Health, readiness and figures for operators: the routes. Nothing here is about a tenant."""

from contextlib import suppress
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from commands.ports import LogUnavailable
from infra.read_store.standing import Standing
from services.api.answers import encode
from services.api.call import JSON, Answer, Call, Handler
from services.api.deps import Deps, Following
from services.api.endpoint import OPEN, Endpoint
from services.api.figures import Figures
from services.api.looking import Look, Looking, lags
from services.api.operators import is_operator, need_operator
from services.api.scrape import Scrape

MOST_LAG = 10_000
"""Events that read models may be behind while the program counts as ready."""
MOST_STANDSTILL = 60.0
"""Seconds that a read model may leave the next event lie while the program counts as ready."""
PARKED = "parked"
"""Some stream waits. Requests can be served all the same, and no other process would serve them better."""
READY = dict[str, Any]
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
NOT_READY = 503


async def alive(_: Call) -> Answer:
    """The process answers."""
    return Answer(200, b'{"status":"ok"}', [JSON])


def status(look: Look, following: Following | None) -> str:
    """Why the program is not ready, in a word; or `ready`."""
    if following is not None and following.trouble:
        return following.trouble
    if max(lags(look.positions).values(), default=0) > MOST_LAG:
        return "behind"
    if max(look.standstill.values(), default=0.0) > MOST_STANDSTILL:
        return "stalled"
    return PARKED if look.standing.parked else "ready"


def ready(looking: Looking) -> Handler:
    """A handler that says whether the log answers and the read models follow it."""

    async def handle(call: Call) -> Answer:
        look = await looking.look(call.deps)
        word = status(look, call.deps.following)
        told = {"status": word, **(_told(look, call.deps) if is_operator(call) else {})}
        return Answer(200 if word in ("ready", PARKED) else NOT_READY, encode(told), [JSON])

    return handle


def _told(look: Look, deps: Deps) -> dict[str, Any]:
    """What the operator is told beside the word."""
    schedule, signing = deps.schedule, deps.signing
    told: dict[str, Any] = {"lag": lags(look.positions)}
    if signing is not None:
        told["evidence"] = {"alarms": signing.open_alarms, "unanchored_seconds": signing.unanchored_seconds}
    if schedule is not None and look.late is not None:
        late = {"due": look.late.due, "late_seconds": look.late.seconds, "idle_seconds": schedule.idle_seconds}
        told["deadlines"] = late
    if deps.exporting is not None and look.backlog is not None:
        waits = {"waiting": look.backlog.waiting, "waiting_seconds": look.backlog.seconds}
        told["exports"] = {**waits, "idle_seconds": deps.exporting.idle_seconds}
    return told


def metrics(figures: Figures, looking: Looking) -> Handler:
    """A handler that tells Prometheus what was counted; also when the database does not answer."""

    async def handle(call: Call) -> Answer:
        need_operator(call)
        look = None
        with suppress(LogUnavailable, OperationalError, PoolTimeout):  # that is one of the figures
            look = await looking.look(call.deps)
        registry = CollectorRegistry()
        registry.register(Scrape(figures, call.deps, look))
        ProcessCollector(registry=registry)
        return Answer(200, generate_latest(registry), [(b"content-type", PLAIN.encode())])

    return handle


async def projections(call: Call) -> Answer:
    """Where the read models stand, and whose streams wait, of all companies together."""
    need_operator(call)
    following = call.deps.following
    found = await following.standing() if following else Standing()
    return Answer(200, encode(found), [JSON])


def endpoints(figures: Figures) -> tuple[Endpoint, ...]:
    """The routes for operators."""
    looking = Looking()
    return (
        Endpoint("GET", "/healthz", "alive", "The process answers.", OPEN, alive, answer=dict[str, str]),
        Endpoint(
            "GET",
            "/readyz",
            "ready",
            "The log answers, and the read models follow it; `status` says what is amiss.",
            OPEN,
            ready(looking),
            answer=READY,
        ),
        Endpoint(
            "GET",
            "/metrics",
            "metrics",
            "Figures for Prometheus: requests, times, the writer's batches, the read models' lag.",
            OPEN,
            metrics(figures, looking),
            media="text/plain",
        ),
        Endpoint(
            "GET",
            "/operations/projections",
            "operations_projections",
            "Where the read models stand, who leads which partition, and whose streams wait, of all companies.",
            OPEN,
            projections,
            answer=Standing,
        ),
    )
