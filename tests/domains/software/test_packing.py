"""Signed images: what SWUpdate, OpenSSL and cpio say of them."""

import contextlib
import importlib.util
import io
import os
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from roadworthy.domains.software import code_signing, firmware, packing

SCRIPT = Path(__file__).parents[3] / "scripts/derive_firmware.py"
BOARD = "toyota-fwdCamera:750.6d"


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code-signing")
    return code_signing.create(folder, "open sesame", name="Test", at=datetime.now(UTC))


def package(**changes):
    values = {
        "version": firmware.NEW,
        "hardware_ids": [BOARD],
        "filename": "moondancer.bin",
        "path": "firmware/fwdCamera.bin",
    } | changes
    return packing.Package(**values)


def image(folder, signer, content=None, **changes):
    content = content or firmware.carried(firmware.NEW).content
    path = folder / "image.swu"
    path.write_bytes(b"".join(packing.pack(package(**changes), content, signer)))
    return path


def swupdate(folder, path, signer, *arguments, board=BOARD):
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "firmware").mkdir(exist_ok=True)
    command = ["swupdate", "-k", str(signer.authority), "-H", board, "-i", str(path), *arguments]
    environment = {"TMPDIR": str(folder / "tmp"), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines = []
    # Its words, not its end: 2022.12 now and then exits with 1 after a success, or hangs after a
    # failure that it has announced.
    for line in process.stdout:
        lines.append(line)
        if re.search(r"SWUPDATE successful|SWUpdate \*failed\*", line):
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    output = "".join(lines)
    return SimpleNamespace(succeeded="SWUPDATE successful" in output, output=output)


@pytest.mark.swupdate
def test_swupdate_installs_the_image_and_the_file_is_the_firmware(tmp_path, signer):
    path = image(tmp_path, signer)
    checked = swupdate(tmp_path, path, signer, "-c")
    assert checked.succeeded, checked.output
    done = swupdate(tmp_path, path, signer)
    assert done.succeeded, done.output
    installed = tmp_path / "firmware/fwdCamera.bin"
    assert installed.read_bytes() == firmware.carried(firmware.NEW).content


@pytest.mark.swupdate
@pytest.mark.parametrize("board", ["toyota-fwdCamera:2", "toyota-fwdRadar:750.6d", "other:750.6d"])
def test_swupdate_refuses_other_hardware(tmp_path, signer, board):
    refused = swupdate(tmp_path, image(tmp_path, signer), signer, board=board)
    assert not refused.succeeded
    assert not list((tmp_path / "firmware").iterdir())


@pytest.mark.swupdate
def test_swupdate_creates_the_directory_of_an_absolute_path(tmp_path, signer):
    target = tmp_path / "lib/firmware/camera.bin"
    path = image(tmp_path, signer, path=str(target))
    assert swupdate(tmp_path, path, signer).succeeded
    assert target.read_bytes() == firmware.carried(firmware.NEW).content


@pytest.mark.swupdate
def test_an_image_may_fit_several_boards(tmp_path, signer):
    path = image(tmp_path, signer, hardware_ids=["a:1", "a:2", "b:1"])
    for board, fits in (("a:1", True), ("a:2", True), ("b:1", True), ("b:2", False)):
        assert swupdate(tmp_path, path, signer, board=board).succeeded is fits


@pytest.mark.swupdate
def test_swupdate_refuses_changed_firmware(tmp_path, signer):
    path = image(tmp_path, signer)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    refused = swupdate(tmp_path, path, signer, "-v")
    assert not refused.succeeded
    # Either check finds it first: the archive's checksum or the signed digest.
    assert "HASH mismatch" in refused.output or "hecksum" in refused.output
    assert not list((tmp_path / "firmware").iterdir())


@pytest.mark.swupdate
def test_swupdate_refuses_a_changed_description_and_another_authority(tmp_path, signer):
    path = image(tmp_path, signer)
    good = path.read_bytes()
    path.write_bytes(good.replace(b'version = "0.2.5"', b'version = "0.2.6"', 1))
    assert not swupdate(tmp_path, path, signer).succeeded
    path.write_bytes(good)
    stranger = code_signing.create(tmp_path / "other", "x", name="Other", at=datetime.now(UTC))
    assert not swupdate(tmp_path, path, stranger).succeeded
    assert not list((tmp_path / "firmware").iterdir())


@pytest.mark.swupdate
def test_openssl_verifies_the_signature_and_cpio_the_checksums(tmp_path, signer):
    path = image(tmp_path, signer)
    subprocess.run(["cpio", "-i", "--quiet"], cwd=tmp_path, input=path.read_bytes(), check=True)
    subprocess.run(
        [
            "openssl",
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-binary",
            "-in",
            "sw-description.sig",
            "-content",
            "sw-description",
            "-CAfile",
            signer.authority,
            "-purpose",
            "smimesign",
            "-out",
            "verified",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "verified").read_bytes() == (tmp_path / "sw-description").read_bytes()
    content = firmware.carried(firmware.NEW).content
    assert (tmp_path / "moondancer.bin").read_bytes() == content
    listed = subprocess.run(
        ["cpio", "-it", "--quiet", "--only-verify-crc"], input=path.read_bytes(),
        capture_output=True, check=True,
    )  # fmt: skip
    assert not listed.stderr


def test_the_payload_is_opened_twice_and_never_held_whole(tmp_path, signer):
    opened = []

    def payload():
        opened.append(1)
        return io.BytesIO(b"\x5a" * (3 * packing._CHUNK + 1))

    sizes = [len(chunk) for chunk in packing.pack(package(), payload, signer)]
    assert max(sizes) == packing._CHUNK
    assert len(opened) == 2
    assert sum(sizes) % 512 == 0


def test_a_file_is_packed_into_a_file(tmp_path, signer):
    source = tmp_path / "firmware.bin"
    source.write_bytes(b"firmware")
    packing.pack_file(package(), source, signer, tmp_path / "image.swu")
    assert b"firmware" in (tmp_path / "image.swu").read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"hardware_ids": []},
        {"hardware_ids": ["board"]},
        {"hardware_ids": ['a:1"; };']},
        {"filename": "../etc/passwd"},
        {"filename": "sw-description"},
        {"version": "1\n2"},
        {"path": "a\0b"},
    ],
)
def test_what_swupdate_could_misread_is_refused(signer, changes):
    with pytest.raises(packing.CannotPack):
        packing.pack(package(**changes), b"x", signer)


def test_an_empty_payload_is_refused(signer):
    with pytest.raises(packing.CannotPack, match="empty"):
        packing.pack(package(), b"", signer)


def test_quotes_cannot_leave_their_string():
    text = packing.describe(package(version='1"; evil = "\\'), "0" * 64).decode()
    assert r'version = "1\"; evil = \"\\";' in text


def test_signing_keys_rest_encrypted(tmp_path):
    folder = tmp_path / "keys"
    made = code_signing.create(folder, "open sesame", name="Test", at=datetime.now(UTC))
    for name in ("ca.key", "signer.key"):
        assert b"ENCRYPTED" in (folder / name).read_bytes()
        assert (folder / name).stat().st_mode & 0o077 == 0
    assert code_signing.load(folder, "open sesame").certificate == made.certificate
    with pytest.raises(code_signing.WrongPassphrase):
        code_signing.load(folder, "sesame")
    with pytest.raises(code_signing.WrongPassphrase):
        code_signing.load(folder, "")
    with pytest.raises(code_signing.CodeSigningExists):
        code_signing.create(folder, "x", name="Test", at=datetime.now(UTC))
    with pytest.raises(code_signing.NoCodeSigning):
        code_signing.load(tmp_path, "x")
    with pytest.raises(code_signing.EmptyPassphrase):
        code_signing.create(tmp_path / "none", "", name="Test", at=datetime.now(UTC))


def test_certificates_outlive_the_vehicles(signer):
    assert signer.certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=15 * 365)


def test_the_carried_firmware_is_what_the_packages_hold(tmp_path):
    spec = importlib.util.spec_from_file_location("derive_firmware", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    try:
        script.fetch(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("pip cannot fetch cynthion here")
    derived = script.derive(tmp_path)
    assert derived == {path.name: path.read_bytes() for path in script.TARGET.iterdir()}
    assert derived["moondancer-0.2.4.bin"] == firmware.carried(firmware.OLD).content
