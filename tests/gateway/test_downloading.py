"""Images and signed metadata, fetched from a real gateway."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import httpx
import pytest

from tests.gateway.hosting import Car, Fleet, hashes, until

IMAGE = os.urandom(3_000_000)
SEPARATOR = "THIS_STRING_SEPARATES_MULTIPART"


@dataclass
class Download:
    fleet: Fleet
    car: Car
    action: int
    deployment: int
    path: str

    def get(self, method: str = "GET", **headers: str) -> httpx.Response:
        return self.car.request(method, self.path, headers=headers)


@pytest.fixture
def download(fleet: Fleet) -> Download:
    car = fleet.car()
    deployment = fleet.deploy(IMAGE)
    action = car.offer(deployment)
    path = f"/softwaremodules/{deployment * 1000}/artifacts/image.swu"
    return Download(fleet, car, action, deployment, path)


def test_a_whole_image_comes_with_what_clients_check(download: Download) -> None:
    answer = download.get()
    assert (answer.status_code, answer.content) == (200, IMAGE)
    assert answer.headers["etag"] == f'"{hashes(IMAGE)["sha1"]}"'
    assert answer.headers["content-length"] == str(len(IMAGE))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment;filename=image.swu"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "last-modified" in answer.headers


def test_head_says_the_same_without_the_image(download: Download) -> None:
    head, whole = download.get("HEAD"), download.get()
    assert head.content == b""
    for name in ("etag", "content-length", "content-type", "last-modified"):
        assert head.headers[name] == whole.headers[name]


def test_a_whole_download_is_reported_once_and_ranges_never(download: Download) -> None:
    assert download.get(Range="bytes=0-99").status_code == 206
    assert download.get("HEAD").status_code == 200
    for _ in range(2):
        download.get()
        until(lambda: download.fleet.reports("download"))
    assert download.fleet.reports() == [
        (download.car.id, download.action, "download", {"filename": "image.swu"})
    ]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-0", 0, 0),
        ("100-199", 100, 199),
        ("2999999-", 2_999_999, 2_999_999),
        ("-1000", 2_999_000, 2_999_999),
        ("1000-99999999", 1000, 2_999_999),
        ("0-", 0, 2_999_999),
    ],
)
def test_one_range(download: Download, asked: str, first: int, last: int) -> None:
    answer = download.get(Range=f"bytes={asked}")
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(IMAGE)}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == IMAGE[first : last + 1]


def test_several_ranges_come_sorted_and_separated(download: Download) -> None:
    answer = download.get(Range="bytes=600000-1200000,0-9")
    assert answer.status_code == 206
    assert answer.headers["content-type"] == f"multipart/byteranges; boundary={SEPARATOR}"

    def part(first: int, last: int) -> bytes:
        return (
            f"--{SEPARATOR}\r\nContent-Type: application/octet-stream\r\n"
            f"Content-Range: bytes {first}-{last}/{len(IMAGE)}\r\n\r\n"
        ).encode() + IMAGE[first : last + 1]

    expected = part(0, 9) + b"\r\n" + part(600000, 1200000) + f"\r\n--{SEPARATOR}--".encode()
    assert answer.content == expected
    assert int(answer.headers["content-length"]) == len(expected)


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-4", "bytes=3000000-", "bytes=-3000001", "bytes=-", "bytes=0-9,5-19", "bytes=a-b",
     "chars=0-1", "bytes=-0", "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 600, 2))],
)  # fmt: skip
def test_ranges_that_do_not_fit_are_refused(download: Download, asked: str) -> None:
    answer = download.get(Range=asked)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(IMAGE)}"


def test_a_download_goes_on_only_if_the_image_is_still_the_same(download: Download) -> None:
    whole = download.get()
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    later, earlier = "Fri, 01 Jan 2100 00:00:00 GMT", "Mon, 01 Jan 2001 00:00:00 GMT"
    statuses = {
        condition: download.get(Range="bytes=0-9", **{"If-Range": condition}).status_code
        for condition in (etag, modified, later, earlier, '"other"', "nonsense")
    }
    assert statuses == {
        etag: 206, modified: 206, later: 206, earlier: 200, '"other"': 200, "nonsense": 200,
    }  # fmt: skip


def test_if_match_takes_quoted_and_bare_digests(download: Download) -> None:
    sha1 = hashes(IMAGE)["sha1"]
    for condition in (sha1, f'"{sha1}"', "*", f'"x", {sha1}'):
        assert download.get("HEAD", **{"If-Match": condition}).status_code == 200
    assert download.get(**{"If-Match": '"x"'}).status_code == 412
    assert download.get(**{"If-None-Match": f'"{sha1}"'}).status_code == 304


def test_the_md5_sum_is_one_line_without_an_end(download: Download) -> None:
    answer = download.car.request("GET", download.path + ".MD5SUM")
    assert answer.text == f"{hashes(IMAGE)['md5']}  image.swu"
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-disposition"] == "attachment;filename=image.swu.MD5SUM"


def test_the_artifacts_of_a_module_are_listed(download: Download) -> None:
    listed = download.car.request("GET", download.path.rpartition("/")[0]).json()
    instruction = download.car.request("GET", f"/deploymentBase/{download.action}").json()
    assert listed == instruction["deployment"]["chunks"][0]["artifacts"]


def test_an_image_is_only_for_the_vehicle_that_shall_install_it(download: Download) -> None:
    fleet, module = download.fleet, download.deployment * 1000
    stranger = fleet.car()
    assert stranger.request("GET", download.path).status_code == 404
    assert fleet.client.get(download.car.path + download.path).status_code == 401
    for path in (
        f"/softwaremodules/{module}/artifacts/other.swu",
        f"/softwaremodules/{module + 1}/artifacts/image.swu",
        f"/softwaremodules/{module + 1000}/artifacts/image.swu",
        f"/softwaremodules/{module}/artifacts/..%2fimage.swu",
        f"/softwaremodules/{module + 5}/artifacts",
    ):
        assert download.car.request("GET", path).status_code == 404, path
    download.car.say(download.action, "closed", "success")
    assert download.get().status_code == 404


def test_each_chunk_has_a_module_of_its_own(fleet: Fleet) -> None:
    car = fleet.car()
    deployment = fleet.deploy(b"first", b"second", name="a b(1).swu")
    action = car.offer(deployment)
    chunks = car.request("GET", f"/deploymentBase/{action}").json()["deployment"]["chunks"]
    got = [
        fleet.client.get(chunk["artifacts"][0]["_links"]["download"]["href"], headers=car.headers)
        for chunk in chunks
    ]
    assert [answer.content for answer in got] == [b"first", b"second"]
    assert got[0].headers["content-disposition"] == 'attachment;filename="a b(1).swu"'
    until(lambda: len(fleet.reports("download")) == 2)


def test_an_empty_image_and_a_lost_one(fleet: Fleet) -> None:
    car = fleet.car()
    empty = fleet.deploy(b"")
    car.offer(empty)
    path = f"/softwaremodules/{empty * 1000}/artifacts/image.swu"
    assert car.request("GET", path).content == b""
    assert car.request("GET", path, headers={"Range": "bytes=0-"}).status_code == 416
    lost = fleet.deploy(b"soon gone")
    fleet.keep(b"soon gone").unlink()
    car.offer(lost)
    answer = car.request("GET", f"/softwaremodules/{lost * 1000}/artifacts/image.swu")
    assert answer.status_code == 410
    assert answer.json()["errorCode"] == "hawkbit.server.error.artifact.binaryDeleted"


def test_metadata_and_targets_are_files_with_strong_etags(fleet: Fleet) -> None:
    repository = fleet.host.settings.repository
    for name, content in {
        "metadata/timestamp.json": b"{}",
        "metadata/1.root.json": b"root",
        "targets/a/b.swu": IMAGE,
        "metadata/.draft": b"x",
        "secret": b"x",
    }.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_bytes(content)
    answer = fleet.client.get("/repo/targets/a/b.swu")
    assert answer.content == IMAGE
    assert answer.headers["etag"] == f'"{hashlib.sha256(IMAGE).hexdigest()}"'
    piece = fleet.client.get("/repo/targets/a/b.swu", headers={"Range": "bytes=5-9"})
    assert piece.content == IMAGE[5:10]
    assert "immutable" in answer.headers["cache-control"]
    stamp = fleet.client.get("/repo/metadata/timestamp.json")
    assert (stamp.headers["content-type"], stamp.headers["cache-control"]) == (
        "application/json", "no-cache",
    )  # fmt: skip
    (repository / "metadata/timestamp.json").write_bytes(b'{"new": 1}')
    assert fleet.client.get("/repo/metadata/timestamp.json").json() == {"new": 1}
    for path in (
        "/repo/metadata/.draft", "/repo/metadata/", "/repo/metadata/..%2fsecret", "/repo/secret",
        "/repo/metadata/2.root.json", "/repo/targets/a", "/repo/metadata/%00", "/repo/targets//a",
    ):  # fmt: skip
        assert fleet.client.get(path).status_code == 404, path
    assert fleet.client.put("/repo/metadata/timestamp.json").status_code == 405


def test_a_client_that_leaves_in_the_middle_harms_nobody(download: Download) -> None:
    for _ in range(5):
        with download.fleet.client.stream(
            "GET", download.car.path + download.path,
            headers={**download.car.headers, "Range": "bytes=1-"},
        ) as answer:  # fmt: skip
            next(answer.iter_bytes(1000))
    assert download.get().content == IMAGE
