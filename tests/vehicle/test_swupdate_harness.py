"""The harness around SWUpdate: what it tells it, what it makes of its words, how it ends."""

from __future__ import annotations

import hashlib
import stat
import time
from pathlib import Path

import pytest

from roadworthy.vehicle import swupdate
from roadworthy.vehicle.swupdate import Confirm, Outcome, Silent, SwupdateSpec, SwupdateVehicle

OLD, NEW = b"old firmware", b"new firmware"
# Stands in for SWUpdate where the test is about the harness: says a line, or goes silent.
STAND_IN = """#!/bin/sh
echo "arguments $*"
{body}
"""


def spec(**changes):
    values = {
        "controller_id": "car-1",
        "token": 'se"cret',
        "gateway_url": "http://127.0.0.1:9",
        "tenant": "DEFAULT",
        "authority": Path("ca.pem"),
        "vin": "LSVAA49J132047371",
        "ecu": "fwdCamera",
        "hardware_id": "toyota-fwdCamera:750.6d",
        "firmware": "firmware/camera.bin",
        "versions": {hashlib.sha256(OLD).hexdigest(): "1.0", hashlib.sha256(NEW).hexdigest(): "2"},
    } | changes
    return SwupdateSpec(**values)


@pytest.fixture
def vehicle(tmp_path):
    with SwupdateVehicle(spec(), tmp_path / "a" / "vehicle") as made:
        made.leave_factory(OLD)
        yield made


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    def install(body: str) -> None:
        program = tmp_path / "bin" / "swupdate"
        program.parent.mkdir(exist_ok=True)
        program.write_text(STAND_IN.format(body=body))
        program.chmod(0o755)
        monkeypatch.setattr(swupdate, "PROGRAM", str(program))

    return install


def test_the_version_is_read_from_the_bytes(vehicle):
    assert vehicle.version == "1.0"
    vehicle.firmware.write_bytes(NEW)
    assert vehicle.version == "2"
    vehicle.firmware.write_bytes(b"something else")
    assert vehicle.version.startswith("unknown-")
    vehicle.firmware.unlink()
    assert vehicle.version == ""


def test_swupdate_is_told_who_it_is_and_no_secret_among_the_arguments(vehicle, stand_in):
    stand_in("exit 0")
    vehicle.start()
    arguments = vehicle.wait_for("^arguments")
    assert "-H toyota-fwdCamera:750.6d" in arguments
    assert "cret" not in arguments
    configuration = vehicle.log.parent / "swupdate.cfg"
    said = configuration.read_text()
    for line in (
        r'targettoken = "se\"cret"',
        'name = "vin"; value = "LSVAA49J132047371"',
        'name = "ecu"; value = "fwdCamera"',
        'name = "sw_version"; value = "1.0"',
        'name = "hw_boardname"; value = "toyota-fwdCamera"',
        'name = "hw_revision"; value = "750.6d"',
    ):
        assert line in said
    mode = stat.S_IMODE(configuration.stat().st_mode)
    assert mode == 0o600


def test_an_installation_is_confirmed_after_a_restart(vehicle, stand_in, tmp_path):
    stand_in(
        'case "$*" in *"-c 2"*) echo "Server initialized, entering suricatta main loop";; '
        '*) printf "new firmware" > firmware/camera.bin; echo "SWUPDATE successful !"; '
        'echo "Update successful, executing post-update actions.";; esac'
    )
    vehicle.start()
    assert vehicle.update_once() is Outcome.INSTALLED
    assert vehicle.version == "2"


def test_a_failed_self_test_brings_the_old_firmware_back_before_the_report(vehicle, stand_in):
    stand_in(
        'case "$*" in *"-c 3"*) echo "Server initialized, entering suricatta main loop";; '
        '*) printf "new firmware" > firmware/camera.bin; echo "SWUPDATE successful !"; '
        'echo "Update successful, executing post-update actions.";; esac'
    )
    vehicle.start()
    assert vehicle.update_once(passes=lambda: False) is Outcome.ROLLED_BACK
    assert vehicle.firmware.read_bytes() == OLD
    configuration = (vehicle.log.parent / "swupdate.cfg").read_text()
    assert 'name = "sw_version"; value = "1.0"' in configuration


def test_a_refused_image_ends_the_wait(vehicle, stand_in):
    stand_in('echo "[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ..."')
    vehicle.start()
    assert vehicle.update_once() is Outcome.REFUSED


def test_a_process_that_ends_is_told_with_its_last_words(vehicle, stand_in):
    stand_in('echo "I give up"; exit 1')
    vehicle.start()
    with pytest.raises(Silent, match="I give up"):
        vehicle.update_once()


def test_a_process_that_says_nothing_is_waited_for_only_so_long(vehicle, stand_in):
    stand_in("exec tail -f /dev/null")
    vehicle.start()
    with pytest.raises(Silent):
        vehicle.wait_for("never", seconds=0.2)


def test_the_end_of_the_block_ends_every_process(tmp_path, stand_in):
    stand_in("tail -f /dev/null & echo child $!; tail -f /dev/null")
    with SwupdateVehicle(spec(), tmp_path / "v") as vehicle:
        vehicle.start(Confirm.SUCCESS)
        child = int(vehicle.wait_for("^child").split()[1])
    until = time.monotonic() + 5
    while is_running(child):
        assert time.monotonic() < until
        time.sleep(0.01)  # it has its signal; nobody but its new parent is told of its end


def is_running(process: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_machine_without_swupdate_is_told_so(vehicle, monkeypatch):
    monkeypatch.setattr(swupdate, "PROGRAM", "swupdate-that-is-not-there")
    assert not swupdate.available()
    with pytest.raises(swupdate.NotInstalled):
        vehicle.start()
