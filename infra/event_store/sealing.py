"""Personal fields of events, sealed under the key of whose they are: AES-256-GCM with a nonce of its own each time.

A text becomes {"sealed": …}, a form {"fields": [its fields' names], "sealed": …}; what is sealed is base64 of nonce,
ciphertext and tag. None, "" and an empty form stay as they are: there is nothing to seal. The seal is bound to its
place: tenant, stream, version, type and field, so that it opens nowhere else. See docs/decisions/038.
"""

import os
from binascii import Error as NoBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple, get_type_hints

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.events import EVENT_TYPES, Event
from domain.personal import ERASED, erased_form, personal_fields

NONCE = 12


class SealedText(msgspec.Struct, frozen=True, gc=False):
    """A text that was sealed."""

    sealed: str


class SealedForm(msgspec.Struct, frozen=True):
    """A form's values that were sealed; which fields were filled in is no secret."""

    fields: list[str]
    sealed: str


SEALED = frozenset({SealedText, SealedForm})


class SealBroken(ValueError):
    """What is sealed does not open with its owner's key: it was changed, or moved to another place."""


class Marks(NamedTuple):
    """The personal fields of an event type, and the sibling that names whose they are, "stream" for the stream."""

    of: str
    names: tuple[str, ...]
    places: tuple[int, ...]
    values: Callable[[Any], tuple[Any, ...]]


def _marks(kind: type) -> Marks | None:
    marked = personal_fields(kind)
    if not marked:
        return None
    (of,) = set(marked.values())
    names = [field.name for field in fields(kind)]
    return Marks(of, tuple(marked), tuple(map(names.index, marked)), attrgetter(*names))


MARKS: Mapping[type[Any], Marks] = {kind: marks for kind in EVENT_TYPES.values() if (marks := _marks(kind))}
_form = msgspec.json.Decoder(dict[str, str | bool]).decode
_json = msgspec.json.Encoder(order="sorted").encode


def unsealed_for(event: Event, stream: str) -> str | None:
    """Whose personal data an event holds that is not sealed yet; None when it holds none."""
    marks = MARKS.get(type(event))
    if marks is None or not any(_is_open(getattr(event, name)) for name in marks.names):
        return None
    return _of(event, marks, stream)


def sealed_for(event: Event, stream: str) -> str | None:
    """Whose sealed data an event holds; None when it holds none."""
    marks = MARKS.get(type(event))
    if marks is not None:
        for name in marks.names:
            if type(getattr(event, name)) in SEALED:
                return _of(event, marks, stream)
    return None


def sealed(event: Event, tenant: str, stream: str, version: int, key: AESGCM) -> Event:
    """The event with its personal fields sealed."""
    kind = type(event)
    marks = MARKS[kind]
    values = list(marks.values(event))
    for name, place in zip(marks.names, marks.places, strict=True):
        value = values[place]
        if _is_open(value):
            values[place] = _seal(value, _bound_to(tenant, stream, version, kind, name), key)
    return kind(*values)


def open_in_place(event: Event, tenant: str, stream: str, version: int, key: AESGCM | None) -> None:
    """Open the sealed fields of an event that was just decoded, so that nobody else knows it yet.

    Without a key they are erased. Raises SealBroken.
    """
    kind = type(event)
    for name in MARKS[kind].names:
        value = getattr(event, name)
        if type(value) in SEALED:
            opened = _erased(value) if key is None else _opened(value, (tenant, stream, version, kind, name), key)
            object.__setattr__(event, name, opened)  # frozen for everyone else


def _of(event: Event, marks: Marks, stream: str) -> str:
    return stream if marks.of == "stream" else str(getattr(event, marks.of))


def _is_open(value: Any) -> bool:
    return bool(value) and type(value) not in SEALED


def _bound_to(tenant: str, stream: str, version: int, kind: Any, name: str) -> bytes:
    return f"{tenant}/{stream}/{version}/{kind.type}/{name}".encode()


def _seal(value: Any, bound_to: bytes, key: AESGCM) -> SealedText | SealedForm:
    if isinstance(value, str):
        return SealedText(_closed(value.encode(), bound_to, key))
    return SealedForm(sorted(value), _closed(_json(value), bound_to, key))


def _closed(plain: bytes, bound_to: bytes, key: AESGCM) -> str:
    nonce = os.urandom(NONCE)
    return b2a_base64(nonce + key.encrypt(nonce, plain, bound_to), newline=False).decode()


def _opened(value: SealedText | SealedForm, place: tuple[str, str, int, Any, str], key: AESGCM) -> Any:
    try:
        raw = a2b_base64(value.sealed)
        plain = key.decrypt(raw[:NONCE], raw[NONCE:], _bound_to(*place))
    except (InvalidTag, NoBase64, ValueError):
        raise SealBroken(f"expected {place[3].type}.{place[4]} of {place[1]} as it was sealed, but it is not") from None
    return plain.decode() if isinstance(value, SealedText) else _form(plain)


def _erased(value: SealedText | SealedForm) -> Any:
    return ERASED if isinstance(value, SealedText) else erased_form(value.fields)


def wire_of(kind: type) -> type:
    """The shape of an event type in the log, whether its personal fields are sealed or not."""
    hints = get_type_hints(kind)
    marks = MARKS[kind]
    shape = [(f.name, _either(hints[f.name]) if f.name in marks.names else hints[f.name]) for f in fields(kind)]
    return msgspec.defstruct(f"{kind.__name__}Stored", shape, gc=False)


def _either(hint: Any) -> Any:
    # A form and what is sealed of one are both objects, so both come as one; `from_wire` tells them apart.
    return hint | SealedText if _is_text(hint) else dict[str, str | bool | list[str]]


def _is_text(hint: Any) -> bool:
    return hint in (str, str | None)


def from_wire(kind: type) -> Callable[[Any], Event]:
    """Makes the event of its shape in the log; what is sealed stays so."""
    hints = get_type_hints(kind)
    values = MARKS[kind].values
    forms = [place for name, place in zip(*MARKS[kind][1:3], strict=True) if not _is_text(hints[name])]
    if not forms:
        return lambda stored: kind(*values(stored))

    def made(stored: Any) -> Event:
        given = values(stored)
        for place in forms:
            # No form's value is a list, so a form that has a field called "fields" is none that was sealed.
            if isinstance(given[place].get("fields"), list):
                given = (*given[:place], SealedForm(**given[place]), *given[place + 1 :])
        return kind(*given)

    return made
