"""Signed notes and checkpoints as C2SP writes them (signed-note.md, tlog-checkpoint.md): text that anyone can check.

A checkpoint is three lines, whose log it is (its origin), the size, and the root in Base64; an empty line and the
signatures follow. The signatures themselves are made and checked elsewhere.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

ED25519 = b"\x01"
"""The only kind of signature that is read here."""
KEY, ID = 32, 4
MOST_SIGNATURES = 100
LONGEST = 100_000

NAME = re.compile(r"[^\s+]+")
SIGNATURE = re.compile(r"\u2014 ([^\s+]+) (\S+)")
SIZE = re.compile(r"0|[1-9][0-9]{0,17}")

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether a public key (32 bytes) verifies a message by a signature."""


class NoteMalformed(ValueError):
    """It is no signed note, no checkpoint, or no verifier key."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note: by whom, the first four bytes of the key's hash, and the signature."""

    name: str
    key: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its final newline included, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under the name that it signs as."""

    name: str
    public: bytes

    @property
    def key(self) -> bytes:
        """What tells it from other keys of the same name."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.key.hex()}+{b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How much of a log there was, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def signed(text: str, signatures: Iterator[tuple[Verifier, bytes]]) -> str:
    """The note of a text and its signatures."""
    lines = (f"\u2014 {by.name} {b64encode(by.key + signature).decode()}\n" for by, signature in signatures)
    return f"{text}\n{''.join(lines)}"


def read_note(note: str) -> Note:
    """Raises NoteMalformed."""
    text, found, below = note.rpartition("\n\n")
    if not found or len(note) > LONGEST or any(ord(one) < 0x20 and one != "\n" for one in note):
        raise NoteMalformed("expected a text, an empty line and signatures, but got something else")
    if not below.endswith("\n") or below.count("\n") > MOST_SIGNATURES:
        raise NoteMalformed(f"expected 1 to {MOST_SIGNATURES} lines of signatures, each with its end, but got others")
    return Note(text + "\n", tuple(_signature(line) for line in below[:-1].split("\n")))


def read_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from the text of a note; lines after the third are of no account. Raises NoteMalformed."""
    origin, size, root, *_ = [*text.split("\n"), "", "", ""]
    if not origin or not SIZE.fullmatch(size):
        raise NoteMalformed("expected an origin, a size and a root, each on its line, but got something else")
    return Checkpoint(origin, int(size), _decoded(root, KEY))


def read_verifier(text: str) -> Verifier:
    """A verifier key as it is published: name+hash+key. Raises NoteMalformed."""
    name, _, rest = text.strip().partition("+")
    id_, _, public = rest.partition("+")
    key = _decoded(public, 1 + KEY)
    found = Verifier(name, key[1:])
    if not NAME.fullmatch(name) or key[:1] != ED25519 or found.key.hex() != id_:
        raise NoteMalformed("expected an Ed25519 verifier key as name+hash+key, but got something else")
    return found


def is_signed_by(note: Note, verifier: Verifier, verify: Verify) -> bool:
    """Whether one of the signatures is that key's, and right."""
    theirs = [one for one in note.signatures if (one.name, one.key) == (verifier.name, verifier.key)]
    return bool(theirs) and all(verify(verifier.public, note.text.encode(), one.signature) for one in theirs)


def _signature(line: str) -> Signature:
    found = SIGNATURE.fullmatch(line)
    if found is None:
        raise NoteMalformed("expected a signature as '\u2014 name Base64', but got something else")
    raw = _decoded(found[2])
    if len(raw) <= ID:
        raise NoteMalformed("expected a signature after the key's hash, but there is none")
    return Signature(found[1], raw[:ID], raw[ID:])


def _decoded(text: str, length: int | None = None) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Error, ValueError):
        raw = b""
    if not raw or b64encode(raw).decode() != text or length not in (None, len(raw)):
        raise NoteMalformed("expected bytes in Base64, but got something else")
    return raw
