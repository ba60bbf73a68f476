"""Reading requests: bodies within a limit, JSON into its model, ids in paths, and nothing that cannot be stored."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from domain.ids import is_slug
from domain.refusals import InvalidInput, NotFound
from domain.text import problem_in
from services.api.refusals import BodyTooLarge, MalformedJson, UnsupportedMediaType
from services.api.unfit import unfit

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

JSON = "application/json"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"[1-9][0-9]{0,15}")
CHOSEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[478][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# Digits of a length that any limit is far below.
LONGEST_LENGTH = 15


class ClientGone(Exception):
    """The client closed the connection before its request was complete: there is nobody to answer."""


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], most: int) -> bytes:
    """The whole body, at most `most` bytes. Raises BodyTooLarge, ClientGone."""
    length = headers.get(b"content-length", b"0")
    if len(length) > LONGEST_LENGTH or not length.isdigit() or int(length) > most:
        raise _too_large(most)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > most:
        raise _too_large(most)
    return body


def check_media_type(headers: Mapping[bytes, bytes], media: str = JSON) -> None:
    """A body is JSON, or of the route's own media type, and says so or nothing."""
    kind = headers.get(b"content-type")
    if kind is None or kind == b"application/json":
        return
    name, _, parameters = kind.decode("latin-1").partition(";")
    if name.strip().lower() not in (JSON, media) or parameters.strip().lower() not in ("", "charset=utf-8"):
        raise UnsupportedMediaType(f"expected 'Content-Type: {media}', but got another")


def decode(decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
    """The body as its model; an empty one counts as `{}`. Raises MalformedJson, InvalidInput."""
    try:
        body = decoder.decode(raw or b"{}")
    except msgspec.ValidationError as wrong:
        raise unfit(str(wrong), decoder.type, raw) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise MalformedJson(f"expected JSON in UTF-8, but {_malformed(wrong, raw)}") from None
    except RecursionError:
        raise MalformedJson("expected JSON, but it is nested too deeply") from None
    if b"\\u0000" in raw:
        _refuse_nul(raw)
    return body


def uuid(kind: str) -> Callable[[str], str]:
    """A reader of ids in paths: what is no UUID can't be known either."""

    def read(text: str) -> str:
        lowered = text.lower()
        if UUID.fullmatch(lowered):
            return lowered
        raise NotFound(f"expected {kind} of the company, but there is none of that id")

    return read


def slug(kind: str) -> Callable[[str], str]:
    """A reader of short names in paths."""

    def read(text: str) -> str:
        if is_slug(text):
            return text
        raise NotFound(f"expected {kind} by its short name, but there is none of that name")

    return read


def whole(kind: str) -> Callable[[str], str]:
    """A reader of numbers from 1 on in paths."""

    def read(text: str) -> str:
        if NUMBER.fullmatch(text):
            return text
        raise NotFound(f"expected {kind} by its number, but there is none of that number")

    return read


def word(kind: str) -> Callable[[str], str]:
    """A reader of names that are only looked up."""

    def read(text: str) -> str:
        if problem_in(text, 200):
            raise NotFound(f"expected {kind}, but there is none of that name")
        return text

    return read


def chosen_id(text: str) -> str:
    """An id that a client makes up. Version 5 is kept for ids that this program derives from others."""
    if CHOSEN.fullmatch(text):
        return text
    raise InvalidInput("expected a UUID of version 4 or 7 as a new id, but got another", field="id")


def _malformed(wrong: Exception, raw: bytes) -> str:
    if isinstance(wrong, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it holds half of a surrogate pair" if SURROGATE.search(raw) else str(wrong).lower()


def _refuse_nul(raw: bytes) -> None:
    """A NUL can be written in JSON, but no database text can hold it."""
    if any("\x00" in text for text in _texts(msgspec.json.decode(raw))):
        raise InvalidInput("expected text without NUL characters, but there is one")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"expected a body of at most {most:,} bytes, but it is larger", most=most)
