"""Private keys rest encrypted in a directory that only its owner can read.

* A key is named by its securesystemslib key id; the name is a digest of the public key, so a file
  cannot stand for another key than its own.
* The passphrase never touches the disk. Whoever knows it signs; the platform does not.
* Everything above this module takes a securesystemslib ``Signer``, so a PKCS#11 token or a KMS
  takes the place of these files by handing in another ``Signer``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import Forbidden, Invalid, NotFound
from roadworthy.trust import pkcs8

# What guessing one passphrase costs whoever has stolen the file; a tenth of a second to us.
PASSPHRASE_ROUNDS = 600_000

_KEY_ID = re.compile(r"[0-9a-f]{64}")
_ONLY_OWNER = 0o700
_ONLY_OWNER_FILE = 0o600


class NoSuchKey(NotFound):
    code = "trust.no_such_key"
    message = "There is no key {keyid} in this keystore."


class WrongPassphrase(Forbidden):
    code = "trust.wrong_passphrase"
    message = "The passphrase does not open key {keyid}. Check it and try again."


class EmptyPassphrase(Invalid):
    code = "trust.empty_passphrase"
    message = "A signing key needs a passphrase. Choose one and try again."


class KeyDamaged(Invalid):
    code = "trust.key_damaged"
    message = "The file of key {keyid} is damaged: {reason}. Restore it from a backup."


class BadKey(Invalid):
    code = "trust.bad_key"
    message = "This is not a public key: {reason}."


def _is_unreadable(sealed: bytes, passphrase: str, error: ValueError) -> bool:
    """Say whether a file cannot be parsed, whatever the passphrase.

    Of some 230 wrong passphrases one leaves a plausible padding, and then what comes out cannot be
    parsed; with a second wrong one it is told apart from a file that never can.
    """
    if "deserialize" not in str(error):
        return False
    try:
        load_pem_private_key(sealed, b"not " + passphrase.encode())
    except ValueError as again:
        return "deserialize" in str(again)
    return False


class Keystore:
    """One directory of encrypted PKCS#8 files, ``KEYID.pem``, each beside its public half."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def create(self, passphrase: str) -> Key:
        """Generate an Ed25519 key, store it under ``passphrase`` and return the public half.

        Raises:
            EmptyPassphrase: the key would lie on the disk in the clear.
        """
        if not passphrase:
            raise EmptyPassphrase
        private = Ed25519PrivateKey.generate()
        public = SSlibKey.from_crypto(private.public_key())
        sealed = pkcs8.seal(private, passphrase, rounds=PASSPHRASE_ROUNDS)
        self._directory.mkdir(mode=_ONLY_OWNER, parents=True, exist_ok=True)
        self._directory.chmod(_ONLY_OWNER)  # mkdir leaves an existing directory as it was
        self._write(f"{public.keyid}.json", canonical(key_to_dict(public)))
        self._write(f"{public.keyid}.pem", sealed)
        return public

    def keyids(self) -> Iterator[str]:
        """Name every key of this store, in order."""
        return iter(sorted(path.stem for path in self._directory.glob("*.pem")))

    def public(self, keyid: str) -> Key:
        """Return the public half of a key.

        Raises:
            NoSuchKey: no file has that name.
            KeyDamaged: the file does not hold that key.
        """
        content = self._read(keyid, "json")
        try:
            key = key_from_dict(json.loads(content))
        except (ValueError, BadKey) as error:
            raise KeyDamaged(keyid=keyid, reason=str(error)) from None
        if key.keyid != keyid:
            raise KeyDamaged(keyid=keyid, reason=f"it holds key {key.keyid}")
        return key

    def signer(self, keyid: str, passphrase: str) -> Signer:
        """Open a private key for signing.

        Raises:
            NoSuchKey: no file has that name.
            WrongPassphrase: the passphrase does not open it.
            KeyDamaged: the file cannot be read, or holds another key.
        """
        sealed = self._read(keyid, "pem")
        if b"ENCRYPTED" not in sealed:
            raise KeyDamaged(keyid=keyid, reason="it is not an encrypted PKCS#8 file")
        if not passphrase:
            raise WrongPassphrase(keyid=keyid)
        try:
            private = load_pem_private_key(sealed, passphrase.encode())
        except ValueError as error:
            # OpenSSL cannot tell a wrong passphrase from a damaged ciphertext; a PEM it cannot
            # even parse is another matter.
            if "PEM" in str(error) or _is_unreadable(sealed, passphrase, error):
                raise KeyDamaged(keyid=keyid, reason=str(error)) from None
            raise WrongPassphrase(keyid=keyid) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyDamaged(keyid=keyid, reason="it is not an Ed25519 key")
        signer = CryptoSigner(private)
        if signer.public_key.keyid != keyid:
            raise KeyDamaged(keyid=keyid, reason=f"it holds key {signer.public_key.keyid}")
        return signer

    def _read(self, keyid: str, suffix: str) -> bytes:
        # The pattern also keeps "../" out of the file name.
        if not _KEY_ID.fullmatch(keyid):
            raise NoSuchKey(keyid=keyid)
        try:
            return (self._directory / f"{keyid}.{suffix}").read_bytes()
        except FileNotFoundError:
            raise NoSuchKey(keyid=keyid) from None

    def _write(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(self._directory / name, flags, _ONLY_OWNER_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def key_to_dict(key: Key) -> dict[str, Any]:
    """Return a public key as TUF writes it: keytype, scheme, keyval."""
    return dict(key.to_dict())


def key_from_dict(value: dict[str, Any]) -> Key:
    """Read a public key that :func:`key_to_dict` wrote; its key id is computed, never believed.

    Raises:
        BadKey: the value is not a public key of a known kind.
    """
    try:
        keytype, scheme, public = value["keytype"], value["scheme"], value["keyval"]["public"]
        claimed = SSlibKey("", keytype, scheme, {"public": public})
        return SSlibKey.from_crypto(claimed._crypto_key(), scheme=scheme)  # noqa: SLF001
    except (KeyError, TypeError, ValueError) as error:
        raise BadKey(reason=repr(error)) from None


def material(key: Key) -> bytes:
    """Return the bytes by which two keys are the same key, whatever id or spelling they carry.

    Raises:
        BadKey: the public key cannot be read.
    """
    public = str(key.keyval.get("public", ""))
    try:
        if key.keytype == "ed25519":
            return b"ed25519:" + bytes.fromhex(public)
        der = load_pem_public_key(public.encode()).public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except ValueError as error:
        raise BadKey(reason=str(error)) from None
    return b"spki:" + der


def ed25519_public_bytes(key: Key) -> bytes:
    """Return the 32 bytes of an Ed25519 public key.

    Raises:
        BadKey: it is a key of another kind.
    """
    if key.keytype != "ed25519":
        raise BadKey(reason=f"{key.keytype} where Ed25519 is needed")
    return material(key).removeprefix(b"ed25519:")
