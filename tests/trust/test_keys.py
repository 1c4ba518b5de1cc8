from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from roadworthy.trust import keys
from roadworthy.trust.keys import Keystore

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys")


def test_a_created_key_signs_and_its_public_half_verifies(store: Keystore) -> None:
    public = store.create(PASSPHRASE)
    signature = store.signer(public.keyid, PASSPHRASE).sign(b"what was filed")
    store.public(public.keyid).verify_signature(signature, b"what was filed")
    assert list(store.keyids()) == [public.keyid]


def test_only_the_owner_can_read_the_directory_and_the_files(
    store: Keystore, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    store.create(PASSPHRASE)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_private_key_is_encrypted_on_the_disk(store: Keystore, tmp_path: Path) -> None:
    public = store.create(PASSPHRASE)
    pem = (tmp_path / "keys" / f"{public.keyid}.pem").read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_a_wrong_passphrase_is_told_apart_from_a_missing_key(store: Keystore) -> None:
    public = store.create(PASSPHRASE)
    for wrong in ("correct horse", ""):
        with pytest.raises(keys.WrongPassphrase):
            store.signer(public.keyid, wrong)
    with pytest.raises(keys.NoSuchKey):
        store.signer("0" * 64, PASSPHRASE)


@pytest.mark.parametrize("keyid", ["../secret", "", "A" * 64, "0" * 63, "/etc/passwd"])
def test_a_key_id_cannot_leave_the_directory(store: Keystore, keyid: str) -> None:
    with pytest.raises(keys.NoSuchKey):
        store.signer(keyid, PASSPHRASE)


def test_a_key_without_a_passphrase_is_not_created(store: Keystore) -> None:
    with pytest.raises(keys.EmptyPassphrase):
        store.create("")
    assert list(store.keyids()) == []


def test_a_file_that_holds_another_key_is_refused(store: Keystore, tmp_path: Path) -> None:
    one, other = store.create(PASSPHRASE), store.create(PASSPHRASE)
    for suffix in ("pem", "json"):
        (tmp_path / "keys" / f"{one.keyid}.{suffix}").write_bytes(
            (tmp_path / "keys" / f"{other.keyid}.{suffix}").read_bytes()
        )
    with pytest.raises(keys.KeyDamaged, match=other.keyid):
        store.signer(one.keyid, PASSPHRASE)
    with pytest.raises(keys.KeyDamaged, match=other.keyid):
        store.public(one.keyid)


def test_a_damaged_file_is_refused(store: Keystore, tmp_path: Path) -> None:
    public = store.create(PASSPHRASE)
    pem = tmp_path / "keys" / f"{public.keyid}.pem"
    intact = pem.read_bytes()
    pem.write_bytes(intact[:60])
    with pytest.raises(keys.KeyDamaged):
        store.signer(public.keyid, PASSPHRASE)
    pem.write_bytes(b"not a key at all")
    with pytest.raises(keys.KeyDamaged):
        store.signer(public.keyid, PASSPHRASE)
    (tmp_path / "keys" / f"{public.keyid}.json").write_bytes(b"{")
    with pytest.raises(keys.KeyDamaged):
        store.public(public.keyid)
    (tmp_path / "keys" / f"{public.keyid}.json").write_bytes(b"[]")
    with pytest.raises(keys.KeyDamaged):
        store.public(public.keyid)


def test_a_key_that_lies_in_the_clear_is_not_used(store: Keystore, tmp_path: Path) -> None:
    public = store.create(PASSPHRASE)
    clear = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (tmp_path / "keys" / f"{public.keyid}.pem").write_bytes(clear)
    with pytest.raises(keys.KeyDamaged, match="encrypted"):
        store.signer(public.keyid, PASSPHRASE)


def test_a_key_of_another_kind_is_refused(store: Keystore, tmp_path: Path) -> None:
    public = store.create(PASSPHRASE)
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())
    )
    (tmp_path / "keys" / f"{public.keyid}.pem").write_bytes(other)
    with pytest.raises(keys.KeyDamaged, match="Ed25519"):
        store.signer(public.keyid, PASSPHRASE)


def test_a_public_key_survives_being_written_and_read() -> None:
    public = CryptoSigner.generate_ed25519().public_key
    assert keys.key_from_dict(keys.key_to_dict(public)) == public


def test_the_key_id_is_computed_and_never_believed() -> None:
    public = CryptoSigner.generate_ed25519().public_key
    lying = {**keys.key_to_dict(public), "keyid": "0" * 64}
    assert keys.key_from_dict(lying).keyid == public.keyid


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "00"}},
        {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "zz" * 32}},
        {"keytype": "rsa", "scheme": "rsassa-pss-sha256", "keyval": {"public": "no PEM"}},
        {"keytype": "ed25519", "scheme": "ed25519", "keyval": None},
    ],
)
def test_what_is_not_a_public_key_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(keys.BadKey):
        keys.key_from_dict(value)


def test_one_key_in_two_spellings_is_the_same_key() -> None:
    public = CryptoSigner.generate_ed25519().public_key
    shouted = SSlibKey(
        "another-id", "ed25519", "ed25519", {"public": public.keyval["public"].upper()}
    )
    assert shouted.keyid != public.keyid
    assert keys.material(shouted) == keys.material(public)


def test_one_rsa_key_under_two_schemes_is_the_same_key() -> None:
    private = rsa.generate_private_key(65537, 2048).public_key()
    one = SSlibKey.from_crypto(private, scheme="rsassa-pss-sha256")
    other = SSlibKey.from_crypto(private, scheme="rsa-pkcs1v15-sha256")
    assert one.keyid != other.keyid
    assert keys.material(one) == keys.material(other)


def test_unreadable_material_is_refused() -> None:
    with pytest.raises(keys.BadKey):
        keys.material(SSlibKey("x", "ed25519", "ed25519", {"public": "zz"}))
    with pytest.raises(keys.BadKey):
        keys.ed25519_public_bytes(CryptoSigner.generate_ecdsa().public_key)
