"""A timestamp authority (RFC 3161) for tests, over HTTP: what is standardised is written out in DER here.

TSTInfo is RFC 3161, section 2.4.2; SignedData is RFC 5652, section 5; ESSCertIDv2 is RFC 5035, section 4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.infra.evidence.listening import Answer, Heard, listening

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST, SIGNING_CERTIFICATE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.16.2.47"
SHA_256, ECDSA_SHA_256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return der(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def octets(value: bytes) -> bytes:
    return der(0x04, value)


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = bytearray([first * 40 + second])
    for part in rest:
        chunk = [part & 0x7F]
        while part := part >> 7:
            chunk.append(part & 0x7F | 0x80)
        encoded += bytes(reversed(chunk))
    return der(0x06, bytes(encoded))


class Authority:
    """Its root, its certificate, and how it answers."""

    def __init__(self) -> None:
        self._root_key, self._key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
        self.root = _certificate(root_name, self._root_key, root_name, self._root_key, is_root=True)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = _certificate(name, self._key, root_name, self._root_key, is_root=False)
        self._serial = 0

    def roots(self, folder: Path) -> Path:
        """The root's certificate in a file."""
        path = folder / "roots.pem"
        path.write_bytes(self.root.public_bytes(Encoding.PEM))
        return path

    def answer(self, query: bytes) -> Answer:
        """A response that grants what was asked for."""
        self._serial += 1
        info = self._info(query)
        return 200, sequence(sequence(integer(0)), sequence(oid(SIGNED_DATA), der(0xA0, self._signed(info))))

    def _info(self, query: bytes) -> bytes:
        """TSTInfo of a request: its imprint and its nonce, as they stand there."""
        imprint, nonce = _parts(query)
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()
        return sequence(integer(1), oid("1.2.3.4.1"), imprint, integer(self._serial), der(0x18, now), nonce)

    def _signed(self, info: bytes) -> bytes:
        algorithm = sequence(oid(SHA_256))
        raw = self.certificate.public_bytes(Encoding.DER)
        attributes = [
            sequence(oid(CONTENT_TYPE), set_of(oid(TST_INFO))),
            sequence(oid(DIGEST), set_of(octets(sha256(info).digest()))),
            sequence(oid(SIGNING_CERTIFICATE), set_of(sequence(sequence(sequence(octets(sha256(raw).digest())))))),
        ]
        signature = self._key.sign(set_of(*attributes), ECDSA(SHA256()))
        issuer = sequence(self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number))
        signer = sequence(
            integer(1),
            issuer,
            algorithm,
            der(0xA0, *sorted(attributes)),
            sequence(oid(ECDSA_SHA_256)),
            octets(signature),
        )
        content = sequence(oid(TST_INFO), der(0xA0, octets(info)))
        return sequence(integer(3), set_of(algorithm), content, der(0xA0, raw), set_of(signer))


@contextmanager
def authority() -> Iterator[tuple[Authority, Heard]]:
    """One that listens on this machine."""
    made = Authority()
    with listening(made.answer) as heard:
        yield made, heard


def _parts(query: bytes) -> tuple[bytes, bytes]:
    """The message imprint of a request (RFC 3161, section 2.4.1), and its nonce."""
    parts = list(_elements(next(_elements(query))[1]))
    nonce = next((der(tag, content) for tag, content in parts[2:] if tag == 0x02), b"")
    return der(*parts[1]), nonce


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    while content:
        tag, length, begin = content[0], content[1], 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(content[2:begin])
        yield tag, content[begin : begin + length]
        content = content[begin + length :]


def _certificate(
    name: x509.Name,
    key: EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    ski = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(ski, critical=False).add_extension(aki, critical=False)
    usage = [ExtendedKeyUsageOID.TIME_STAMPING]
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=True)
    never = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    signs = dict.fromkeys((*never, "encipher_only", "decipher_only"), False)
    key_usage = x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **signs)
    return builder.add_extension(key_usage, critical=True).sign(issuer_key, SHA256())
