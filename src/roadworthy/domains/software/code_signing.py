"""Certificates with which SWUpdate checks an image: an own authority and one signer below it.

* SWUpdate takes a CMS signature whose certificate chains to the authority that the vehicle was
  built with and has the purpose e-mail protection.
* Private keys rest encrypted under a passphrase, in a directory that only its owner can read.
* This signature protects the installer. What may be installed is decided by TUF (``trust``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound

AUTHORITY: Final = "ca.pem"
SIGNER: Final = "signer.pem"
_LIFETIME: Final = timedelta(days=20 * 365)  # as long as the vehicles that were built with it
_CLOCK_SKEW: Final = timedelta(days=1)  # a vehicle's clock may be behind


class NoCodeSigning(NotFound):
    code = "no-code-signing"
    message = "There are no signing certificates in {directory}. Create them first."


class CodeSigningExists(Conflict):
    code = "code-signing-exists"
    message = "There are signing certificates in {directory} already."


class WrongPassphrase(Forbidden):
    code = "code-signing-passphrase"
    message = "The passphrase does not open the signing key in {directory}."


class EmptyPassphrase(Invalid):
    code = "code-signing-empty-passphrase"
    message = "A signing key needs a passphrase."


@dataclass(frozen=True)
class CodeSigner:
    """Signs sw-descriptions. ``authority`` is the file that a vehicle needs to check them."""

    authority: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def sign(self, content: bytes) -> bytes:
        """Return a detached CMS signature in DER."""
        return (
            PKCS7SignatureBuilder()
            .set_data(content)
            .add_signer(self.certificate, self.key, hashes.SHA256())
            .sign(
                Encoding.DER,
                [
                    PKCS7Options.Binary,
                    PKCS7Options.DetachedSignature,
                    PKCS7Options.NoCapabilities,
                ],
            )
        )


def create(directory: Path, passphrase: str, *, name: str, at: datetime) -> CodeSigner:
    """Make an authority and a signer below it.

    Raises:
        EmptyPassphrase: the keys would lie on the disk in the clear.
        CodeSigningExists: the directory has them already.
    """
    if not passphrase:
        raise EmptyPassphrase
    if (directory / AUTHORITY).exists():
        raise CodeSigningExists(directory=directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = (f"{name} CA", root_key)
    root = _issue(f"{name} CA", root_key, _as_authority, by=issuer, at=at)
    certificate = _issue(name, key, _as_signer, by=issuer, at=at)
    for file, private in (("ca.key", root_key), ("signer.key", key)):
        _write_key(directory / file, private, passphrase)
    (directory / SIGNER).write_bytes(certificate.public_bytes(Encoding.PEM))
    (directory / AUTHORITY).write_bytes(root.public_bytes(Encoding.PEM))  # last: all is there
    return CodeSigner(directory / AUTHORITY, certificate, key)


def load(directory: Path, passphrase: str) -> CodeSigner:
    """Open the signer of a directory.

    Raises:
        NoCodeSigning: nothing was created there.
        WrongPassphrase: the passphrase is another one.
    """
    try:
        sealed = (directory / "signer.key").read_bytes()
        certificate = x509.load_pem_x509_certificate((directory / SIGNER).read_bytes())
    except FileNotFoundError:
        raise NoCodeSigning(directory=directory) from None
    try:
        key = load_pem_private_key(sealed, passphrase.encode() or None)
    except (ValueError, TypeError):
        raise WrongPassphrase(directory=directory) from None
    assert isinstance(key, ec.EllipticCurvePrivateKey), "create() makes no other"
    return CodeSigner(directory / AUTHORITY, certificate, key)


_Builder = x509.CertificateBuilder


def _issue(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    purpose: Callable[[_Builder], _Builder],
    *,
    by: tuple[str, ec.EllipticCurvePrivateKey],
    at: datetime,
) -> x509.Certificate:
    issuer, issuer_key = by
    subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        _Builder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCK_SKEW)
        .not_valid_after(at + _LIFETIME)
        .add_extension(subject_id, critical=False)
        .add_extension(issuer_id, critical=False)
    )
    return purpose(builder).sign(issuer_key, hashes.SHA256())


def _as_authority(builder: _Builder) -> _Builder:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return builder.add_extension(constraints, critical=True).add_extension(
        _usage(signs_certificates=True), critical=True
    )


def _as_signer(builder: _Builder) -> _Builder:
    constraints = x509.BasicConstraints(ca=False, path_length=None)
    return (
        builder.add_extension(constraints, critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey, passphrase: str) -> None:
    sealed = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
