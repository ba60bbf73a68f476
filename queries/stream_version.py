"""How many events a stream has, or had: what a state must be folded from to be as it was then."""

from dataclasses import dataclass

from queries.asking import Ask, AsOf, Question

VERSION = """
SELECT coalesce(max(version), 0) AS version FROM trail_entry
WHERE tenant_id = %(tenant)s AND about_id = %(stream)s::uuid AND stream_id = %(stream)s::uuid
"""


@dataclass(frozen=True, slots=True)
class StreamVersion:
    """The version of a stream; 0 when there is none."""

    version: int


QUESTION = Question(VERSION, StreamVersion, ("trail_entry",))


async def stream_version(ask: Ask, tenant: str, stream: str, *, as_of: AsOf) -> int:
    """The version that the stream had then."""
    found = await ask(QUESTION, tenant, {"stream": stream}, as_of=as_of, stream=stream)
    return found[0].version
