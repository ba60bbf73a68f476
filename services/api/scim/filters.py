"""Filters (RFC 7644, section 3.4.2.2) as predicates on members; what compares text looks at no case."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from domain.tenants.member import Member
from domain.tenants.provisioning import user_name_of
from services.api.scim.errors import InvalidFilter
from services.api.scim.names import MEMBER, bare

Predicate = Callable[[Member], bool]
Value = str | bool | int | float | None
Read = Callable[[Member], Value]

LONGEST = 2_000
DEEPEST = 20
TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))')

READS: Mapping[str, Read] = {
    "id": lambda m: m.id,
    "username": user_name_of,
    "externalid": lambda m: m.external_id,
    "displayname": lambda m: m.name,
    "name.formatted": lambda m: m.name,
    "active": lambda m: m.status == "active",
    "emails": lambda m: m.email,
    "emails.value": lambda m: m.email,
    "emails.type": lambda _: "work",
    "emails.primary": lambda _: True,
    "meta.resourcetype": lambda _: "User",
    f"{MEMBER.lower()}:permission": lambda m: m.permission,
    f"{MEMBER.lower()}:department": lambda m: m.department,
}
EXACT = frozenset({"id", "externalid"})
YES_OR_NO = frozenset({"active", "emails.primary"})
TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "co": lambda has, asked: asked in has,
    "sw": lambda has, asked: has.startswith(asked),
    "ew": lambda has, asked: has.endswith(asked),
}


def predicate(text: str) -> Predicate:
    """What a filter asks of a member. Raises InvalidFilter."""
    if len(text) > LONGEST:
        raise InvalidFilter(f"expected a filter of at most {LONGEST} characters, but it is longer")
    return _Reader(text).whole()


class _Reader:
    """A filter from left to right; `within` is the attribute whose brackets it is in."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._depth = 0

    def whole(self) -> Predicate:
        found = self._either("")
        if self._tokens:
            raise _unfit("an end or 'and' or 'or', but something else follows")
        return found

    def _either(self, within: str) -> Predicate:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _unfit("fewer brackets, but they are nested too deeply")
        parts = [self._both(within)]
        while self._takes("or"):
            parts.append(self._both(within))
        self._depth -= 1
        return parts[0] if len(parts) == 1 else lambda member: any(part(member) for part in parts)

    def _both(self, within: str) -> Predicate:
        parts = [self._one(within)]
        while self._takes("and"):
            parts.append(self._one(within))
        return parts[0] if len(parts) == 1 else lambda member: all(part(member) for part in parts)

    def _one(self, within: str) -> Predicate:
        if self._takes("not"):
            self._must("(")
            inner = self._either(within)
            self._must(")")
            return lambda member: not inner(member)
        if self._takes("("):
            inner = self._either(within)
            self._must(")")
            return inner
        name = bare(self._next("an attribute"))
        if not within and self._takes("["):
            inner = self._either(f"{name}.")
            self._must("]")
            return self._part_of(inner, name)
        return self._comparison(within + name)

    def _part_of(self, inner: Predicate, name: str) -> Predicate:
        """`emails[…].value eq …`, as Entra ID asks: of what the brackets hold, a part."""
        if not self._tokens or not self._tokens[0].startswith("."):
            return inner
        part = self._comparison(name + bare(self._tokens.pop(0)))
        return lambda member: inner(member) and part(member)

    def _comparison(self, name: str) -> Predicate:
        read = READS.get(name)
        if read is None:
            raise _unfit(f"one of {', '.join(sorted(READS))}, but got another attribute")
        operator = self._next("an operator").lower()
        if operator == "pr":
            return lambda member: read(member) is not None
        asked = _value(name, self._next("a value"))
        fold = str if name in EXACT else str.lower
        if operator in ("eq", "ne"):
            same = _same(read, asked, fold)
            return same if operator == "eq" else lambda member: not same(member)
        test = TESTS.get(operator)
        if test is None or not isinstance(asked, str):
            raise _unfit("one of eq, ne, co, sw, ew, pr, co, sw and ew with a text, but got another")
        wanted = fold(asked)
        return lambda member: isinstance(has := read(member), str) and test(fold(has), wanted)

    def _takes(self, token: str) -> bool:
        if self._tokens and self._tokens[0].lower() == token:
            self._tokens.pop(0)
            return True
        return False

    def _must(self, token: str) -> None:
        if not self._takes(token):
            raise _unfit(f"{token!r}, but it is not there")

    def _next(self, what: str) -> str:
        if not self._tokens:
            raise _unfit(f"{what}, but it ends there")
        return self._tokens.pop(0)


def _same(read: Read, asked: Value, fold: Callable[[str], str]) -> Predicate:
    if isinstance(asked, str):
        wanted = fold(asked)
        return lambda member: isinstance(has := read(member), str) and fold(has) == wanted
    return lambda member: read(member) is asked


def _value(name: str, token: str) -> Value:
    """A JSON value; some directories write booleans as texts, or begin them with a capital."""
    lowered = token.strip('"').lower()
    if name in YES_OR_NO and lowered in ("true", "false"):
        return lowered == "true"
    try:
        value: Any = msgspec.json.decode(token)
    except (msgspec.DecodeError, UnicodeError):
        raise _unfit("a JSON value, but got something else") from None
    return value  # type: ignore[no-any-return]  # a token holds neither an object nor a list


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        token = TOKEN.match(text, place)
        if token is None:
            raise _unfit("quotes in pairs, but one is open")
        found.append(token[0].strip())
        place = token.end()
    return found


def _unfit(sentence: str) -> InvalidFilter:
    return InvalidFilter(f"expected a filter with {sentence}")
