"""The key that signs checkpoints: Ed25519, in a file of its own that only its owner may read."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

OTHERS = 0o077


class KeyUnusable(RuntimeError):
    """The file with the signing key is missing, open to others, or holds something else."""


@dataclass(frozen=True)
class Signer:
    """A private key that signs."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """Its public key, 32 bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, text: str) -> bytes:
        """The signature, 64 bytes."""
        return self.private.sign(text.encode())


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a message was signed by the private key of a public one."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_key(path: Path) -> Signer:
    """A new key in a new file. Raises FileExistsError when there is one."""
    signer = Signer(Ed25519PrivateKey.generate())
    pem = signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return signer


def read_key(path: Path) -> Signer:
    """The key of a file. Raises KeyUnusable."""
    try:
        mode = path.stat().st_mode
        if mode & OTHERS:
            raise KeyUnusable(f"expected {path} to be readable by its owner alone (chmod 600), but others may use it")
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise KeyUnusable(f"expected the key that signs checkpoints in {path}, but: {why}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnusable(f"expected a private key as PEM in {path}, but it holds something else") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"expected an Ed25519 key in {path}, but it is of another kind")
    return Signer(key)
