"""The keys that wrap people's keys: 256 bits each, in a file of their own, never in the database.

The file holds one key a line in base64; the first wraps what is new, all of them unwrap. Lines that begin with # say
what the file is. A key goes by the first four bytes of its SHA-256, which stand in front of all that it wrapped.
"""

import hmac
import os
import stat
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.settings import Settings

BYTES = 32
NONCE = 12
ID = 4
REQUESTS = b"ashiato: what requests are told apart by"
HEADING = """\
# Ashiato's master keys: whoever has this file and the database can read what people wrote, and without it nobody can.
# Back it up apart from the database. The first key wraps what is new (`ashiato sealing rotate` puts one there).
"""


class KeyFileWrong(ValueError):
    """The file with the master keys cannot be read, or is not the one of this database."""


class Master:
    """The master keys of one file; one that is missing is looked for there again: another process may change it.

    `written`: when the file was, in ns, at the latest as these keys were read; when that is not known, it is read anew.
    """

    def __init__(self, keys: Sequence[bytes], path: Path | None = None, written: int | None = None) -> None:
        self._path = path
        self._written = written
        self._keep(keys)

    def _keep(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._requests = {key_id(key): hmac.digest(key, REQUESTS, "sha256") for key in keys}
        self.current = key_id(keys[0])
        """The id of the key that wraps what is new."""

    @property
    def ids(self) -> frozenset[bytes]:
        """The ids of all keys."""
        return frozenset(self._ciphers)

    def wrap(self, key: bytes, owner: str) -> bytes:
        """A person's key as it is stored: id of the master key, nonce, and what AES-256-GCM makes of it."""
        self._look_again()
        nonce = os.urandom(NONCE)
        return self.current + nonce + self._ciphers[self.current].encrypt(nonce, key, owner.encode())

    def marks(self, request: bytes) -> list[bytes]:
        """What a request's SHA-256 is kept as: id and HMAC-SHA-256 of each master key, that of the one in use first.

        Nobody who has the database alone can guess from it what was asked.
        """
        self._look_again()
        return [of + hmac.digest(key, request, "sha256") for of, key in self._requests.items()]

    def _look_again(self) -> None:
        """Take over what another process wrote into the file: nothing new is to be wrapped with a key that may go."""
        if self._path is not None:
            with suppress(OSError, KeyFileWrong):
                if self._path.stat().st_mtime_ns != self._written:
                    self._reload(self._path)

    def _reload(self, path: Path) -> None:
        written = path.stat().st_mtime_ns  # first: what is written while it is read is read the next time
        self._keep(keys_in(path))
        self._written = written

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """A person's key from its stored form. Raises KeyFileWrong."""
        if wrapped[:ID] not in self._ciphers and self._path is not None:
            self._reload(self._path)
        cipher = self._ciphers.get(wrapped[:ID])
        if cipher is None:
            raise KeyFileWrong(
                f"expected the master key {wrapped[:ID].hex()} in the key file (ASHIATO_KEY_FILE), but it is not there"
            )
        try:
            return cipher.decrypt(wrapped[ID : ID + NONCE], wrapped[ID + NONCE :], owner.encode())
        except InvalidTag:
            raise KeyFileWrong("expected a key as it was wrapped, but it was changed, or moved to another") from None


def key_id(key: bytes) -> bytes:
    """What a master key goes by."""
    return sha256(key).digest()[:ID]


def key_file(settings: Settings) -> Path:
    """Where the master keys are: the file that is named, or one in the data folder."""
    return settings.key_file or settings.data_dir / "keys"


def master_of(settings: Settings | None = None) -> Master:
    """The master keys of these settings, by default of the environment; made when there is no file yet.

    Raises KeyFileWrong.
    """
    path = key_file(settings or Settings.from_environment())
    with suppress(FileExistsError):
        if not path.exists():
            write_new(path, [os.urandom(BYTES)])
    return read(path)


def read(path: Path) -> Master:
    """The master keys of a file. Raises KeyFileWrong."""
    try:
        found = path.stat()
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileWrong(f"expected to read the master keys in {path}, but: {type(error).__name__}") from None
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileWrong(f"expected {path} to be its owner's alone (chmod 600), but others may read it")
    return Master(_keys(path, lines), path, found.st_mtime_ns)


def write_new(path: Path, keys: Sequence[bytes]) -> None:
    """Make a file of master keys, readable by its owner alone; FileExistsError when there is one by now."""
    written = _written(path, keys)
    try:
        os.link(written, path)
    finally:
        written.unlink()


def replace(path: Path, keys: Sequence[bytes]) -> None:
    """Put other master keys into a file, all or nothing."""
    _written(path, keys).replace(path)


def keys_in(path: Path) -> list[bytes]:
    """The master keys of a file, the one in use first."""
    return _keys(path, path.read_text("ascii").splitlines())


def _written(path: Path, keys: Sequence[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = HEADING + "".join(f"{b64encode(key).decode()}\n" for key in keys)
    with NamedTemporaryFile("w", dir=path.parent, prefix=".keys-", delete=False) as file:  # made with mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(file.name)


def _keys(path: Path, lines: Sequence[str]) -> list[bytes]:
    try:
        keys = [b64decode(line, validate=True) for line in lines if line.strip() and not line.startswith("#")]
    except NoBase64:
        keys = []
    if not keys or any(len(key) != BYTES for key in keys):
        raise KeyFileWrong(f"expected keys of {BYTES} bytes in base64 in {path}, one a line, but got something else")
    return keys
