from __future__ import annotations

import base64
import importlib.util
import shutil
import stat
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from roadworthy.trust import keys, pkcs8
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


def as_installed() -> ModuleType:
    """The module as it is without what tests/conftest.py changes for speed."""
    found = importlib.util.spec_from_file_location("keys_as_installed", keys.__file__)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_guess_at_the_passphrase_costs_six_hundred_thousand_rounds(tmp_path: Path) -> None:
    store = as_installed().Keystore(tmp_path)
    public = store.create(PASSPHRASE)
    pem = (tmp_path / f"{public.keyid}.pem").read_text()
    content = base64.b64decode("".join(pem.splitlines()[1:-1]))
    assert b"\x02\x03" + (600_000).to_bytes(3) in content  # the INTEGER of PBKDF2-params
    assert store.signer(public.keyid, PASSPHRASE).public_key == public


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_opens_the_file_with_the_same_passphrase(store: Keystore, tmp_path: Path) -> None:
    public = store.create(PASSPHRASE)
    pem = tmp_path / "keys" / f"{public.keyid}.pem"
    command = ["openssl", "pkey", "-in", str(pem), "-pubout", "-outform", "DER", "-passin"]
    read = subprocess.run([*command, f"pass:{PASSPHRASE}"], capture_output=True, check=True)
    assert read.stdout.endswith(bytes.fromhex(public.keyval["public"]))
    assert subprocess.run([*command, "pass:wrong"], capture_output=True, check=False).returncode


@pytest.mark.parametrize("rounds", [1, 127, 128, 255, 256, 65_535, 65_536])
def test_any_number_of_rounds_is_written_as_it_is_read(rounds: int) -> None:
    private = Ed25519PrivateKey.generate()
    opened = load_pem_private_key(pkcs8.seal(private, "pass", rounds=rounds), b"pass")
    assert isinstance(opened, Ed25519PrivateKey)
    assert opened.private_bytes_raw() == private.private_bytes_raw()


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
