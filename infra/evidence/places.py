"""Where checkpoints are anchored: a folder that is written once, an address of the company, a timestamp authority.

Each takes a checkpoint and answers with what is to be kept of it, or raises AnchorRefused with the reason.
"""

import os
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

from infra.evidence.addresses import AddressRefused, pinned
from infra.evidence.anchoring import Waiting
from infra.evidence.outside import ENDING

PATIENCE = 10.0
READ_ONLY = 0o444
NOTE_TYPE = "text/plain; charset=utf-8"


class AnchorRefused(Exception):
    """A checkpoint did not arrive where it was to be anchored."""


class AnchorDiffers(AnchorRefused):
    """Another checkpoint of that size is there already: the log was rewritten, here or there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files that are made once and never written again: `<company>/<size>.note`, read-only."""

    path: Path

    def put(self, what: Waiting) -> bytes:
        """Write it to disk. Raises AnchorRefused, AnchorDiffers."""
        file = self.path / what.tenant / f"{what.size:012}{ENDING}"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._write(file, what.note.encode())
        except FileExistsError:
            self._compare(file, what.note)
        except OSError as error:
            why = (error.strerror or "it cannot be written").lower()
            raise AnchorRefused(f"expected to write to the folder of anchors, but: {why}") from None
        return b""

    def _write(self, file: Path, note: bytes) -> None:
        """Whole or not at all: a link is made of what is on the disk, and only where there is no file yet."""
        coming = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(note)
                opened.flush()
                os.fchmod(descriptor, READ_ONLY)
                os.fsync(descriptor)
            os.link(coming, file)
        finally:
            with suppress(FileNotFoundError):
                coming.unlink()
        _sync(file.parent)

    def _compare(self, file: Path, note: str) -> None:
        there = file.read_bytes().decode("utf-8", "replace")
        if there.partition("\n\n")[0] != note.partition("\n\n")[0]:
            raise AnchorDiffers("expected no other checkpoint of this size in the folder of anchors, but there is one")


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Addresses of companies, over https; `allowed` are hosts, with or without a port, that need not be public;
    `roots` holds certificates, as PEM, that theirs may go back to beside the usual ones.

    What is sent is the signed note: who receives it checks it with the published key, and needs no shared secret.
    """

    allowed: Sequence[str] = ()
    roots: Path | None = None

    def put(self, what: Waiting) -> bytes:
        """Send it; any answer from 200 to 299 means that it has arrived. Raises AnchorRefused."""
        try:
            to = pinned(what.target, self.allowed)
        except AddressRefused as refused:
            raise AnchorRefused(str(refused)) from None
        headers = {"host": to.host, "content-type": NOTE_TYPE, "ashiato-checkpoint": str(what.size)}
        try:
            trust = self._trust()
            with (
                httpx2.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False, verify=trust) as client,
                client.stream(
                    "POST", to.url, content=what.note.encode(), headers=headers, extensions={"sni_hostname": to.name}
                ) as answer,
            ):
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise AnchorRefused(f"expected the webhook to answer, but: {type(error).__name__}") from None
        if not httpx2.codes.is_success(status):
            raise AnchorRefused(f"expected the webhook to answer with success, but it answered {status}")
        return str(status).encode()

    def _trust(self) -> ssl.SSLContext:
        trust = httpx2.create_ssl_context(trust_env=False)
        if self.roots is not None:
            trust.load_verify_locations(self.roots)
        return trust


@dataclass(frozen=True, slots=True)
class Timestamps:
    """A timestamp authority (RFC 3161); `roots` holds the certificates, as PEM, that its answers are checked by."""

    url: str
    roots: Path

    def put(self, what: Waiting) -> bytes:
        """Have the note stamped, and check the stamp; the response is kept. Raises AnchorRefused."""
        note = what.note.encode()
        request = TimestampRequestBuilder().data(note).build()
        headers = {"content-type": "application/timestamp-query"}
        try:
            with httpx2.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
                answer = client.post(self.url, content=request.as_bytes(), headers=headers)
            answer.raise_for_status()
            verifier = VerifierBuilder.from_request(request)
            for certificate in load_pem_x509_certificates(self.roots.read_bytes()):
                verifier = verifier.add_root_certificate(certificate)
            verifier.build().verify_message(decode_timestamp_response(answer.content), note)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise AnchorRefused(f"expected the timestamp authority to answer, but: {type(error).__name__}") from None
        except (VerificationError, ValueError) as error:
            raise AnchorRefused(f"expected a timestamp that holds, but: {type(error).__name__}") from None
        return answer.content


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
