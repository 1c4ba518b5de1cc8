"""A deployment's own small certificate authority: one CA, one leaf, nobody else's trust.

Peers pin both by digest. There is a CA at all because TLS libraries refuse a self-signed leaf, and
because a leaf can then be renewed without the peers' trust lists changing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import Invalid

LIFETIME = timedelta(days=20 * 365)  # a pin ends by a person's decision, not by a date
EARLIER = timedelta(days=1)  # clocks of peers differ


class BadCertificate(Invalid):
    code = "trust.bad_certificate"
    message = "This is not a certificate: {reason}."


@dataclass(frozen=True, slots=True)
class Issued:
    """PEM texts; the keys are encrypted under the passphrase."""

    ca: bytes
    leaf: bytes  # with the CA's certificate behind it
    leaf_key: bytes
    leaf_sha256: str  # of the leaf in DER


def issue(name: str, hosts: tuple[str, ...], passphrase: str, *, at: datetime) -> Issued:
    """Make a CA and one leaf for a deployment; the CA's key is forgotten with this call."""
    ca_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _named(f"{name} exchange CA")
    ca = (
        _builder(issuer, issuer, ca_key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_ca=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        _builder(_named(name), issuer, leaf_key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_host(one) for one in (name, *hosts)]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    ca_pem = ca.public_bytes(Encoding.PEM)
    return Issued(
        ca_pem,
        leaf.public_bytes(Encoding.PEM) + ca_pem,
        leaf_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
        ),
        sha256_hex(leaf.public_bytes(Encoding.DER)),
    )


def check_ca(pem: str) -> str:
    """Return the SHA-256 of a CA's certificate in DER.

    Raises:
        BadCertificate: it is no certificate of a CA.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise BadCertificate(reason=str(error)) from None
    if not constraints.value.ca:
        raise BadCertificate(reason="it is not that of a CA")
    return sha256_hex(certificate.public_bytes(Encoding.DER))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - EARLIER)
        .not_valid_after(at + LIFETIME)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
