from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.trust.report import Report
from roadworthy.trust.verify import verify
from tests.trust.forging import lines_of, reheaded
from tests.trust.worlds import Proof

PROOF = Proof()
BUNDLE = PROOF.bundle()
ANCHORS = PROOF.anchors
NAMES = [line["name"] for line in lines_of(BUNDLE)]


SMALL_PROOF = Proof(PROOF.world)
SMALL_PROOF.bodies = SMALL_PROOF.bodies[1:3]
SMALL_PROOF.earlier = 1
SMALL = SMALL_PROOF.bundle()

LARGE_PROOF = Proof(PROOF.world)
LARGE_PROOF.with_content = True
LARGE_PROOF.bodies += [
    json.dumps({"event": "vehicle:updated", "n": n}, separators=(",", ":")).encode()
    for n in range(60)
]
LARGE = LARGE_PROOF.bundle()


def line_at(bundle: bytes, at: int) -> str:
    """The name of the line that the byte belongs to; its newline included."""
    return str(lines_of(bundle)[bundle[:at].count(b"\n")]["name"])


def places(report: Report) -> set[str]:
    return {problem.where for problem in report.problems}


def test_a_whole_bundle_verifies_with_keys_of_ones_own() -> None:
    report = verify(BUNDLE, ANCHORS)
    assert [str(problem) for problem in report.problems] == []
    assert report.ok
    assert all(check.ok for check in report.checks)
    assert not report.keys_from_bundle


def test_without_keys_of_ones_own_the_report_says_plainly_where_they_are_from() -> None:
    report = verify(BUNDLE)
    assert report.ok
    assert report.keys_from_bundle
    assert "keys taken from the bundle itself" in {str(check.detail) for check in report.checks}


def test_smaller_and_larger_bundles_verify() -> None:
    assert verify(SMALL, SMALL_PROOF.anchors).ok
    assert verify(LARGE, LARGE_PROOF.anchors).ok


@pytest.mark.slow
@pytest.mark.parametrize("quarter", range(4))
def test_a_flip_of_any_byte_is_a_problem_that_names_the_line(quarter: int) -> None:
    for at in range(quarter, len(SMALL), 4):
        changed = bytearray(SMALL)
        changed[at] ^= 1 << at % 8
        report = verify(bytes(changed), SMALL_PROOF.anchors)
        assert line_at(SMALL, at) in places(report), at
        assert not report.ok


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(LARGE) - 1), st.integers(1, 255))
def test_any_change_of_any_byte_of_a_large_bundle_names_the_line(at: int, mask: int) -> None:
    changed = bytearray(LARGE)
    changed[at] ^= mask
    assert line_at(LARGE, at) in places(verify(bytes(changed)))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(LARGE)), st.binary(min_size=1, max_size=5))
def test_any_insertion_is_noticed(at: int, extra: bytes) -> None:
    assert not verify(LARGE[:at] + extra + LARGE[at:]).ok


def test_a_bundle_cut_off_anywhere_is_noticed() -> None:
    for length in range(0, len(BUNDLE), 61):
        assert not verify(BUNDLE[:length], ANCHORS).ok
    assert places(verify(BUNDLE[:-1], ANCHORS)) == {NAMES[-1]}


def test_a_deleted_line_is_named() -> None:
    lines = BUNDLE.splitlines(keepends=True)
    for number, name in enumerate(NAMES):
        report = verify(b"".join(lines[:number] + lines[number + 1 :]), ANCHORS)
        assert name in places(report)


def test_a_repeated_line_is_noticed() -> None:
    lines = BUNDLE.splitlines(keepends=True)
    for number in range(len(lines)):
        report = verify(b"".join(lines[: number + 1] + lines[number:]), ANCHORS)
        assert not report.ok


def test_lines_in_another_order_are_named() -> None:
    lines = BUNDLE.splitlines(keepends=True)
    for number in range(1, len(lines) - 1):
        swapped = [*lines]
        swapped[number], swapped[number + 1] = swapped[number + 1], swapped[number]
        report = verify(b"".join(swapped), ANCHORS)
        assert {NAMES[number], NAMES[number + 1]} <= places(report)
        assert NAMES[number + 1] in str(report.problems[0].text)


def test_other_line_ends_are_noticed() -> None:
    assert not verify(BUNDLE.replace(b"\n", b"\r\n"), ANCHORS).ok


def test_a_line_in_another_spelling_is_named() -> None:
    lines = lines_of(BUNDLE)
    spaced = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    assert not verify(spaced, ANCHORS).ok


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_report(content: bytes) -> None:
    report = verify(content, ANCHORS)
    assert not report.ok
    assert places(report) >= {"header"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_forged_line_of_any_shape_gives_a_report(data: st.DataObject) -> None:
    """Fields take arbitrary values under a header that fits: refused or not, never a crash."""
    lines = lines_of(BUNDLE)
    line = data.draw(st.sampled_from(lines[1:]))
    target = line
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [value for value in target.values() if isinstance(value, dict) and value]
        if not inner:
            break
        target = data.draw(st.sampled_from(inner))
    field = data.draw(st.sampled_from(sorted(target)))
    if field != "name" or target is not line:
        target[field] = data.draw(json_values)
    for anchors in (ANCHORS, None):
        verify(reheaded(lines), anchors)
