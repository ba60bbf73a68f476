"""One look at one page: who looks, in which language, as of when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request

from domain.ids import TenantId
from domain.tenants.folding import fold
from domain.tenants.member import Member
from domain.tenants.permissions import MAY
from domain.tenants.state import Tenant
from queries.asking import AsOf
from queries.instant import instant_of
from queries.seen import Viewer
from services.console.deps import Deps
from services.console.moments import NotUnderstood, day_text, moment_text, read_as_of, read_number
from services.console.words import LANGS, Lang, word
from services.past import events_then
from services.viewing import viewer_of

HOME = "/console/"
KEPT = ("lang", "as_of")
"""What a visitor chose once and takes along from page to page."""


class InTheFuture(Exception):
    """The instant asked for has not come."""


@dataclass(frozen=True)
class Visit:
    """A member's look at a page. `at` is the instant that is shown, `today` its day where the company is."""

    deps: Deps
    tenant_id: TenantId
    company: Tenant
    member: Member
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    lang: Lang
    now: datetime
    as_of: AsOf | None
    at: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.time_zone)

    @cached_property
    def today(self) -> date:
        """The day that is shown."""
        return self.company.today(self.at)

    @property
    def viewer(self) -> Viewer | None:
        """Whose part in confidential runs counts; None for those who see all."""
        return viewer_of(self.company, self.member)

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the company's people by their ids: they never change."""
        return {m.id: m.name for m in self.company.members.values()}

    async def company_then(self) -> Tenant:
        """The company as it was, or as it is."""
        if self.as_of is None:
            return self.company
        return fold(await events_then(self.deps.ask, self.deps.streams, self.tenant_id, self.tenant_id, self.as_of))

    def may(self, command: str) -> bool:
        """Whether the member's permission covers it."""
        return self.member.permission in MAY[command]

    def url(self, path: str, **query: object) -> str:
        """Another page of the console, in the same language and as of the same instant."""
        kept = {key: self.query[key] for key in KEPT if self.query.get(key)}
        return _url(HOME + path, {**kept, **query})

    def here(self, **changes: object) -> str:
        """This page with some of its query changed; None takes a part away."""
        return _url(self.path, {**self.query, **changes})

    def word(self, key: str, **parts: object) -> str:
        """A word in the visitor's language."""
        return word(self.lang, key, **parts)

    def moment(self, at: datetime) -> str:
        """An instant as text."""
        return moment_text(at, self.lang, self.zone)

    def day(self, day: date) -> str:
        """A day as text."""
        return day_text(day, self.lang)

    def text(self, name: str) -> str | None:
        """A part of the query; None when it is missing or empty."""
        return self.query.get(name) or None

    def uuid(self, name: str) -> str | None:
        """A part of the query that is an id. Raises NotUnderstood."""
        text = self.text(name)
        return None if text is None else read_uuid(text)

    def number(self, name: str, most: int) -> int | None:
        """A part of the query that is a whole number from 0 to `most`. Raises NotUnderstood."""
        text = self.text(name)
        if text is None:
            return None
        if (number := read_number(text)) > most:
            raise NotUnderstood(text)
        return number

    def choice(self, name: str, *known: str) -> str | None:
        """A part of the query that is one of some words. Raises NotUnderstood."""
        text = self.text(name)
        if text is not None and text not in known:
            raise NotUnderstood(text)
        return text


async def as_it_was(
    deps: Deps, tenant_id: TenantId, company: Tenant, text: str, now: datetime
) -> tuple[AsOf | None, datetime]:
    """What `as_of` asks for and the instant it means. Raises NotUnderstood and InTheFuture."""
    as_of = read_as_of(text, ZoneInfo(company.time_zone))
    if as_of is None:
        return None, now
    if isinstance(as_of, int):
        return as_of, await instant_of(deps.ask, tenant_id, as_of) or now
    if len(text.strip()) == len("2026-04-06") and as_of - timedelta(days=1) < now < as_of:
        return None, now  # today, which is not over
    if as_of > now:
        raise InTheFuture
    return as_of, as_of


def language(request: Request) -> Lang:
    """The language asked for in the address, or else by the browser; Japanese when neither says."""
    asked = request.query_params.get("lang")
    for lang in LANGS:
        if asked == lang:
            return lang
    for part in request.headers.get("accept-language", "").lower().split(","):
        for lang in LANGS:
            if part.strip().startswith(lang):
                return lang
    return "ja"


def read_uuid(text: str) -> str:
    """An id in its usual form. Raises NotUnderstood."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotUnderstood(text) from None


def _url(path: str, query: Mapping[str, object]) -> str:
    filled = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(filled)}" if filled else path
