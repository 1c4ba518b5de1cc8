"""Seals a private key under a passphrase, as an encrypted PKCS#8 file that OpenSSL can open too.

``cryptography`` writes such files with 2,048 rounds of PBKDF2, which is too little against somebody
who has the file and guesses, and offers no choice. So the envelope (RFC 8018, PBES2 with PBKDF2,
HMAC-SHA-256 and AES-256-CBC) is written here; it is read by ``cryptography`` itself.
"""

from __future__ import annotations

import base64
import os
import textwrap

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_PBES2 = bytes.fromhex("2a864886f70d01050d")
_PBKDF2 = bytes.fromhex("2a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("2a864886f70d0209")
_AES_256_CBC = bytes.fromhex("60864801650304012a")
_KEY_SIZE, _BLOCK = 32, 16


def seal(private: Ed25519PrivateKey, passphrase: str, *, rounds: int) -> bytes:
    """Return the PEM text of a private key, encrypted."""
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, start = os.urandom(_BLOCK), os.urandom(_BLOCK)
    key = PBKDF2HMAC(hashes.SHA256(), _KEY_SIZE, salt, rounds).derive(passphrase.encode())
    padder = padding.PKCS7(_BLOCK * 8).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    sealed = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
    count = rounds.to_bytes(rounds.bit_length() // 8 + 1)  # a leading zero bit: it is positive
    derivation = _sequence(
        _der(_OID, _PBKDF2),
        _sequence(
            _der(_OCTETS, salt),
            _der(_INTEGER, count),
            _sequence(_der(_OID, _HMAC_SHA256), _der(_NULL, b"")),
        ),
    )
    encryption = _sequence(_der(_OID, _AES_256_CBC), _der(_OCTETS, start))
    scheme = _sequence(_der(_OID, _PBES2), _sequence(derivation, encryption))
    return _pem(_sequence(scheme, _der(_OCTETS, sealed)))


def _sequence(*parts: bytes) -> bytes:
    return _der(_SEQUENCE, b"".join(parts))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + content


def _pem(content: bytes) -> bytes:
    lines = "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 64))
    label = "ENCRYPTED PRIVATE KEY"
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()
