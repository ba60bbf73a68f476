"""A certificate authority of one's own, and a server that has a certificate of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def local_tls(folder: Path) -> tuple[Path, SSLContext]:
    """The authority's certificate, in a file; and what a server called localhost shows."""
    authority, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    roots, chain = folder / "roots.pem", folder / "server.pem"
    root = _certificate("an authority", "an authority", authority, authority, x509.BasicConstraints(True, 0))
    server = _certificate("localhost", "an authority", key, authority, x509.BasicConstraints(False, None))
    roots.write_bytes(root.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(private + server.public_bytes(Encoding.PEM))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return roots, context


def _certificate(
    name: str, by: str, key: EllipticCurvePrivateKey, signer: EllipticCurvePrivateKey, what: x509.BasicConstraints
) -> x509.Certificate:
    now = datetime.now(UTC)
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, by))
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    builder = builder.add_extension(what, critical=True)
    usage = x509.KeyUsage(not what.ca, False, False, False, False, what.ca, what.ca, False, False)
    builder = builder.add_extension(usage, critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    of_signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(identifier, critical=False).add_extension(of_signer, critical=False)
    names = x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))])
    return builder.add_extension(names, critical=False).sign(signer, SHA256())
