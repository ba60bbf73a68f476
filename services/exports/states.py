"""The state of a whole log as one digest, by the program's own folds: what a replay of an export must come to."""

from dataclasses import dataclass

from domain.replay.changes import Kind, facts_of
from domain.replay.facts import digest, digest_of_all
from infra.read_store.folding import uncollected
from services.exports.source import Part, source

KINDS: dict[str, Kind] = {"tenant": "tenant", "procedure": "procedure", "run": "run"}


@dataclass(frozen=True, slots=True)
class State:
    """The last event that counts, how many streams have facts, and the digest of all."""

    seq: int
    streams: int
    digest: str


def state(dsn: str, tenant: str, seq: int | None = None) -> State:
    """The state after an event, the last one by default."""
    digests: dict[str, str] = {}
    with source(dsn, tenant) as log, uncollected():
        last = log.last() if seq is None else min(seq, log.last())
        for stream in log.streams(Part(1, last, None)):
            kind = KINDS.get(stream[0][1].type.partition(".")[0])
            if kind is not None:
                digests[stream[0][1].stream] = digest(facts_of(kind, [event for event, _ in stream]))
    return State(last, len(digests), digest_of_all(digests))
