"""How far a company's read models have come in its own log, and which of its streams wait."""

from dataclasses import dataclass
from datetime import datetime

from queries.asking import Ask, Question

# In the company's own count: how far others are is nothing to it. Of several partitions the one furthest behind counts.
MODELS = r"""
SELECT p.name, p.version, coalesce(own.seq, 0) AS seq, coalesce(own.seq = last.seq, true) AS through,
       (SELECT count(*)::int FROM public.parked_streams w
        WHERE w.tenant_id = %(tenant)s AND w.projection = p.name) AS parked,
       coalesce((SELECT json_agg(q ORDER BY q.seq) FROM (
           SELECT w.stream_id AS stream, w.version, w.seq, w.type, w.parked_at AS since FROM public.parked_streams w
           WHERE w.tenant_id = %(tenant)s AND w.projection = p.name AND %(all)s
           ORDER BY w.seq LIMIT 100) q), '[]') AS waiting
FROM (SELECT name, max(version) AS version, min(position) AS position FROM public.projections
      WHERE name !~ '__' GROUP BY name) p
LEFT JOIN LATERAL (
    SELECT e.tenant_seq AS seq FROM public.events e WHERE e.tenant_id = %(tenant)s
    ORDER BY e.tenant_seq DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (
    SELECT e.tenant_seq AS seq FROM public.events e WHERE e.tenant_id = %(tenant)s AND e.position <= p.position
    ORDER BY e.tenant_seq DESC LIMIT 1) own ON true
ORDER BY p.name
"""


@dataclass(frozen=True, slots=True)
class WaitingStream:
    """A stream that a read model shows as it was before event `seq`, which could not be folded `since` then."""

    stream: str
    version: int
    seq: int
    type: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A read model is through the company's event `seq`, which is its last one when it is `through`.

    `parked` streams wait for the operator; `waiting` tells which, at most 100, to those who see everything.
    """

    name: str
    version: int
    seq: int
    through: bool
    parked: int
    waiting: list[WaitingStream]


QUESTION = Question(MODELS, ReadModel, ())


async def read_models(ask: Ask, tenant: str, *, sees_all: bool) -> list[ReadModel]:
    """Every read model, by name."""
    return await ask(QUESTION, tenant, {"all": sees_all})
