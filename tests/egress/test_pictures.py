"""Nobody is to be recognised in what leaves; in doubt nothing leaves."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from roadworthy.egress import detecting, imaging, pictures
from roadworthy.egress.detecting import Box
from roadworthy.egress.errors import Blocked, NoDetector, NotAPicture, Withheld
from roadworthy.egress.filtering import Filter
from roadworthy.egress.policy import Kind, Origin
from roadworthy.kernel.canonical import sha256_hex
from tests.egress import faces
from tests.egress.policies import NOW, drive, measured, policy_of, rule


@pytest.fixture(scope="module")
def networks() -> detecting.Networks:
    return detecting.Networks()


@pytest.fixture(scope="module")
def cleared(networks: detecting.Networks) -> pictures.Cleared:
    return pictures.clear(faces.encoded(faces.street()), networks)


def pixels(content: bytes) -> Any:
    return np.array(Image.open(io.BytesIO(content)).convert("RGB"))


def test_a_face_and_a_plate_are_gone_for_another_finder_too(cleared: pictures.Cleared) -> None:
    find = faces.other_finder()
    assert find(np.array(faces.street())), "the other finder sees the face before"
    after = pixels(cleared.content)
    assert not find(after)
    plate = faces.plate_of(after).astype(int)
    is_grey = (abs(plate - pictures.FILL) <= 24).all(axis=2)  # JPEG is not exact
    assert is_grey[15:-15, 30:-30].mean() > 0.95
    assert cleared.faces
    assert cleared.writing
    assert cleared.filled < 0.5


def test_what_is_filled_says_nothing_of_what_was_there(networks: detecting.Networks) -> None:
    """Two different faces at one place give the same pixels there."""

    class Fixed:
        def faces(self, seen: Any) -> list[Box]:
            is_filled = (seen[100:200, 100:200] == pictures.FILL).all()
            return [] if is_filled else [Box(100, 100, 200, 200, 0.9)]

        def writing(self, _: Any) -> list[Box]:
            return []

    luck = np.random.default_rng(7)
    around = luck.integers(0, 255, (400, 400, 3), dtype=np.uint8)
    left = []
    for _ in range(2):
        around[96:204, 96:204] = luck.integers(0, 255, (108, 108, 3))
        png = faces.encoded(Image.fromarray(around), "PNG")
        left.append(pictures.clear(png, Fixed()).content)
    assert left[0] == left[1]


def test_place_time_and_camera_do_not_leave_with_the_pixels(networks: detecting.Networks) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CANARY-MAKER"
    exif[0x9286] = "CANARY-COMMENT"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.5)
    content = faces.encoded(faces.astronaut(), exif=exif, comment=b"CANARY-TEXT")
    assert content.count(b"CANARY") == 3
    left = pictures.clear(content + b"CANARY-AFTER-THE-END", networks).content
    assert b"CANARY" not in left
    picture = Image.open(io.BytesIO(left))
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    unblurred = pictures.redrawn(content).content
    assert b"CANARY" not in unblurred


def test_a_picture_that_lies_on_its_side_is_judged_upright(networks: detecting.Networks) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it
    lying = faces.astronaut().rotate(90, expand=True)
    found = pictures.clear(faces.encoded(lying, exif=exif), networks)
    assert not faces.other_finder()(pixels(found.content))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda picture: picture.resize((120, 120)), "side"),
        (lambda picture: ImageEnhance.Brightness(picture).enhance(0.05), "dark"),
        (lambda picture: ImageEnhance.Contrast(picture).enhance(0.05), "contrast"),
        (lambda picture: picture.filter(ImageFilter.GaussianBlur(6)), "blurred"),
    ],
)
def test_a_picture_that_cannot_be_judged_is_blocked(
    networks: detecting.Networks, change: Any, reason: str
) -> None:
    with pytest.raises(Blocked, match=reason):
        pictures.clear(faces.encoded(change(faces.astronaut())), networks)


def test_a_face_that_is_still_found_after_filling_blocks_the_picture() -> None:
    class Doubting:
        def faces(self, _: Any) -> list[Box]:
            return [Box(10, 10, 40, 40, 0.9)]  # whatever is filled

        def writing(self, _: Any) -> list[Box]:
            return []

    with pytest.raises(Blocked, match="still"):
        pictures.clear(faces.encoded(faces.astronaut()), Doubting())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a not really",
        b"\xff\xd8\xff\xe0 not really",
        b"%PDF-1.7",
        faces.encoded(Image.new("RGB", (64, 64)), "BMP"),
        faces.encoded(Image.effect_noise((512, 512), 60).convert("RGB"))[:2000],
        b"x" * (pictures.LARGEST_BYTES + 1),
        faces.encoded(Image.new("1", (20_000, 20_000)), "PNG"),
    ],
)
def test_what_is_not_a_picture_is_named_and_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        pictures.decoded(content)


def test_where_nothing_can_look_no_picture_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    blurred = rule("road", Kind.PICTURE, origin=Origin.EXTERIOR, blur=True, consent=False)
    filter_ = Filter(policy_of(blurred))
    content = faces.encoded(faces.astronaut())
    with pytest.raises(NoDetector):
        imaging.picture(
            filter_, measured(road=None), content, said=drive("road"), at=NOW, detector=None
        )
    monkeypatch.setattr(detecting, "_FACES", ("roadworthy_no_such_package", "x.onnx"))
    with pytest.raises(NoDetector, match="not installed"):
        detecting.Networks()
    monkeypatch.setattr(detecting, "_FACES", ("roadworthy", "py.typed"))
    with pytest.raises(NoDetector, match="no usable"):
        detecting.Networks()


def test_a_picture_leaves_by_its_rule_only(networks: detecting.Networks) -> None:
    blurred = rule("road", Kind.PICTURE, origin=Origin.EXTERIOR, blur=True, consent=False)
    cabin = rule("cabin", Kind.PICTURE, origin=Origin.COCKPIT, in_car_only=True)
    filter_ = Filter(policy_of(blurred, cabin, rule("speed", consent=False)))
    content = faces.encoded(faces.street())

    def show(said: Any, **items: Any) -> imaging.Shown:
        record = measured(**items)
        return imaging.picture(filter_, record, content, said=said, at=NOW, detector=networks)

    shown = show(drive("road"), road="whatever it says of itself")
    assert not faces.other_finder()(pixels(shown.content))
    body = msgspec.json.decode(shown.leaving.body)
    assert body["items"]["road"] == {
        "sha256": sha256_hex(shown.content), "width": 900, "height": 512,
    }  # fmt: skip
    for said, items, reason in [
        (drive(), {"road": None}, "off"),
        (drive("cabin", consents=("cabin",)), {"cabin": None}, "stays-in"),
        (drive("road"), {"road": None, "speed": 1}, "wrong-shape"),
        (drive("speed"), {"speed": 1}, "wrong-shape"),
        (drive("road"), {"street": None}, "no-rule"),
    ]:
        with pytest.raises(Withheld, match=reason):
            show(said, **items)
    assert json.dumps(body).count("whatever") == 0
