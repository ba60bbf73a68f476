"""What belongs to an entry of the trail: what led to it and what it led to."""

from queries.asking import Ask, AsOf, Question
from queries.trail import COLUMNS, LABELS, READS, TrailRow

# What one command did stands together in the log, and no command does more.
RELATED = (
    COLUMNS
    + """
  AND (t.seq BETWEEN %(seq)s::bigint - %(beside)s AND %(seq)s::bigint + %(beside)s
       AND t.command_id IN (%(command)s::uuid, %(causation)s::uuid)
       OR t.causation = %(command)s::uuid
       OR t.stream_id = %(stream)s::uuid AND t.about_id = %(about)s::uuid
          AND t.version IN (%(version)s - 1, %(version)s + 1))
ORDER BY t.seq LIMIT %(limit)s
"""
)
BESIDE = Question(RELATED, TrailRow, READS, LABELS)

MOST_OF_A_COMMAND = 10_000


async def related(ask: Ask, tenant: str, entry: TrailRow, *, as_of: AsOf | None = None) -> list[TrailRow]:
    """What else belongs to an entry: its command's, the command's it followed from, those that followed, its stream's
    one before and one after.
    """
    parameters = {
        "seq": entry.seq,
        "beside": MOST_OF_A_COMMAND,
        "command": entry.command_id,
        "causation": entry.causation,
        "stream": entry.stream_id,
        "about": entry.about_id,
        "version": entry.version,
        "limit": MOST_OF_A_COMMAND,
    }
    found = await ask(BESIDE, tenant, parameters, as_of=as_of)
    return [other for other in found if other.seq != entry.seq]
