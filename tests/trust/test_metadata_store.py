from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.trust.metadata_store import (
    DirectoryMetadata,
    MemoryMetadata,
    MetadataStore,
    NoSuchMetadata,
    VersionExists,
)

ROLE = "demo-motors.defect_remedy+main_param_change"


@pytest.fixture(params=["memory", "directory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MetadataStore:
    return MemoryMetadata() if request.param == "memory" else DirectoryMetadata(tmp_path / "md")


def test_the_newest_version_is_returned_and_older_ones_stay(store: MetadataStore) -> None:
    for version in (9, 10, 1):
        store.put(ROLE, version, b"%d" % version)
    assert store.get(ROLE) == b"10"
    assert store.get(ROLE, 9) == b"9"


def test_a_version_is_never_changed(store: MetadataStore) -> None:
    store.put(ROLE, 1, b"first")
    with pytest.raises(VersionExists):
        store.put(ROLE, 1, b"second")
    assert store.get(ROLE) == b"first"


def test_what_was_never_put_is_not_found(store: MetadataStore) -> None:
    with pytest.raises(NoSuchMetadata):
        store.get(ROLE)
    store.put(ROLE, 1, b"first")
    with pytest.raises(NoSuchMetadata):
        store.get(ROLE, 2)
    with pytest.raises(NoSuchMetadata):
        store.get("demo-motors.defect_remedy")


def test_a_store_on_top_of_another_never_writes_below() -> None:
    beneath = MemoryMetadata()
    beneath.put(ROLE, 1, b"below")
    above = MemoryMetadata(beneath=beneath)
    assert above.get(ROLE) == b"below"
    above.put(ROLE, 2, b"above")
    assert (above.get(ROLE), above.get(ROLE, 1), beneath.get(ROLE)) == (
        b"above",
        b"below",
        b"below",
    )


def test_files_are_named_as_a_client_asks_for_them(tmp_path: Path) -> None:
    store = DirectoryMetadata(tmp_path)
    store.put(ROLE, 3, b"role")
    store.put("timestamp", 7, b"timestamp")
    assert {path.name for path in tmp_path.iterdir()} == {
        f"3.{ROLE}.json",
        "7.timestamp.json",
        "timestamp.json",
    }
    assert (tmp_path / "timestamp.json").read_bytes() == b"timestamp"
