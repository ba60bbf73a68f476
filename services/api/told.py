"""Entries of the trail in sentences, in Japanese or English, for who reads them over the API."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from queries.role_titles import role_titles
from queries.trail import TrailRow
from services.api import query as q
from services.api.call import Call
from services.api.endpoint import Query
from services.console.moments import day_text, moment_text
from services.console.telling import WITH_DETAILS, Telling, day_reader, moment_reader
from services.console.words import LANGS
from services.dossier import definitions_of

LANG = Query(
    "lang",
    q.one_of("lang", LANGS),
    {"enum": list(LANGS)},
    "Each entry also as a sentence, with what else it holds, in this language.",
)


@dataclass(frozen=True, slots=True)
class ToldRow(TrailRow):
    """An entry; with `lang` also its `sentence`, and pairs of a title and a value of what else it holds."""

    sentence: str | None = None
    details: Sequence[tuple[str, str]] = ()


NAMES = tuple(field.name for field in fields(TrailRow))


async def told(call: Call, entries: Sequence[TrailRow]) -> list[ToldRow]:
    """The entries, in words when the caller asks for them."""
    plain = [{name: getattr(entry, name) for name in NAMES} for entry in entries]
    if "lang" not in call.query:
        return [ToldRow(**values) for values in plain]
    telling = await _telling(call, entries)
    return [
        ToldRow(**values, sentence=str(telling.sentence(entry).striptags()), details=telling.details(entry))
        for values, entry in zip(plain, entries, strict=True)
    ]


async def _telling(call: Call, entries: Sequence[TrailRow]) -> Telling:
    tenant, lang, as_of = call.known.tenant, call.query["lang"], call.query.get("as_of")
    zone = ZoneInfo(tenant.time_zone)

    def moment(at: datetime) -> str:
        return moment_text(at, lang, zone)

    kinds = {entry.type for entry in entries}
    versions = {(e.procedure_id, e.procedure_version) for e in entries if e.procedure_id and e.procedure_version}
    return Telling(
        lang,
        {member.id: member.name for member in tenant.members.values()},
        moment_reader(moment),
        day_reader(partial(day_text, lang=lang)),
        await role_titles(call.deps.ask, call.tenant, as_of=as_of) if "tenant.role_holders_set" in kinds else {},
        await definitions_of(call.deps.streams, call.tenant, versions) if kinds & WITH_DETAILS else {},
    )
