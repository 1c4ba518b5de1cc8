"""What stays when the power goes."""

import hashlib

import pytest

from roadworthy.vehicle.flash import (
    ENDINGS_KEPT,
    DirectoryFlash,
    Memory,
    RamFlash,
    Report,
    Software,
    Trial,
)


@pytest.fixture(params=["ram", "files", "durable files"])
def flash(request, tmp_path):
    if request.param == "ram":
        return RamFlash()
    return DirectoryFlash(tmp_path, is_durable=request.param.startswith("durable"))


def report(action_id, **more):
    fields = {"execution": "closed", "finished": "success", **more}
    return Report("deploymentBase", action_id, 1, **fields)


def memory(**more):
    return Memory({"camera": Software("1"), "radar": Software("7", "a" * 64)}, **more)


def test_a_new_vehicle_remembers_nothing(flash):
    assert flash.load() is None


def test_memory_comes_back_as_it_was(flash):
    kept = memory(trial=Trial(4, {"camera": Software("0")}), installs=[3, 4], sequence=9)
    kept.end(report(3, details=("installed",)))
    flash.save(kept)
    assert flash.load() == kept
    assert list(kept.endings) == [3]


def test_what_is_read_is_no_window_on_what_is_kept(flash):
    flash.save(memory())
    flash.load().installs.append(1)
    assert flash.load().installs == []


def test_a_draft_that_was_cut_short_changes_nothing(tmp_path):
    flash = DirectoryFlash(tmp_path)
    flash.save(memory(sequence=1))
    (tmp_path / "memory.draft").write_bytes(b'{"software"')
    assert flash.load().sequence == 1


def test_pieces_make_an_image_and_a_new_beginning_replaces_it(flash):
    image = b"0123456789"
    digest = hashlib.sha256(image).hexdigest()
    staging = flash.staging(digest)
    assert staging.size == 0
    staging.write(0, b"01234")
    staging.write(5, b"xxxxx")
    staging.write(5, b"56789")
    assert (staging.size, staging.sha256()) == (10, digest)
    assert flash.staging(digest).size == 10  # another look at the same place
    staging.write(0, b"anew")
    assert staging.size == 4


def test_only_images_that_run_are_kept(flash):
    for sha256 in ("a" * 64, "b" * 64):
        flash.staging(sha256).write(0, b"content")
    flash.settle(memory())
    assert flash.staging("b" * 64).size == 0
    if isinstance(flash, DirectoryFlash):
        assert flash.staging("a" * 64).size == 7


def test_endings_are_kept_for_long_but_not_for_ever():
    kept = memory()
    for action in range(ENDINGS_KEPT + 5):
        kept.end(report(action))
    assert list(kept.endings) == list(range(5, ENDINGS_KEPT + 5))
