"""How many faces and plates are found, what else is filled, what it costs.

    PYTHONPATH=src python -m bench.pictures --faces DIR --plates DIR

``--faces`` is the folder ``examples/faces`` of the public repository davisking/dlib (boxes drawn by
people, in its ``training.xml`` and ``testing.xml``); ``--plates`` is ``endtoend`` of the public
repository openalpr/benchmarks (one plate a picture, boxes by people). Neither is part of this
repository. Chinese plates are rendered onto those pictures by this program: the picture is real,
the plate is not, and the figures say so.

A face or plate counts as destroyed when at least 60 % of its box is filled.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from bench import machine
from bench.report import write
from roadworthy.egress import detecting, pictures
from roadworthy.egress.errors import Blocked

ENOUGH = 0.6
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class Labelled(NamedTuple):
    name: str
    picture: Image.Image
    boxes: list[tuple[int, int, int, int]]  # left, top, width, height


def faces(folder: Path) -> list[Labelled]:
    found = []
    for name in ("training.xml", "testing.xml"):
        for image in ET.parse(folder / name).getroot().iter("image"):
            boxes = [
                tuple(int(box.get(side, "")) for side in ("left", "top", "width", "height"))
                for box in image.iter("box")
            ]
            file = image.get("file", "")
            found.append(Labelled(file, Image.open(folder / file).convert("RGB"), boxes))
    return found


def plates(folder: Path, *, most: int, luck: random.Random) -> Iterator[Labelled]:
    """One at a time: they are large."""
    texts = sorted(folder.glob("*.txt"))
    for text in luck.sample(texts, min(most, len(texts))):
        line = text.read_text().splitlines()[0].split("\t")
        path = folder / line[0]
        if path.exists():
            box = tuple(int(part) for part in line[1:5])
            yield Labelled(line[0], Image.open(path).convert("RGB"), [box])


def rendered(on: Labelled, font: Path | None, luck: random.Random) -> Labelled:
    """Put a Chinese plate somewhere onto a real picture, turned and soft as a camera sees it."""
    text = luck.choice(LETTERS[:24]) + "·" + "".join(luck.choices(LETTERS, k=5))
    if font is not None:
        text = luck.choice(PROVINCES) + text
    green = luck.random() < 0.3  # new energy
    plate = Image.new("RGBA", (440, 140), (120, 200, 130) if green else (20, 60, 170))
    draw = ImageDraw.Draw(plate)
    type_ = ImageFont.truetype(str(font), 90) if font else ImageFont.load_default(90)
    ink = (0, 0, 0) if green else (255, 255, 255)
    draw.text((220, 70), text, ink, type_, anchor="mm")
    draw.rectangle((4, 4, 435, 135), outline=ink, width=3)
    wide = luck.randint(60, 220)
    plate = plate.resize((wide, wide * 140 // 440), Image.Resampling.LANCZOS)
    plate = plate.rotate(luck.uniform(-8, 8), expand=True, resample=Image.Resampling.BICUBIC)
    picture = on.picture.copy()
    left = luck.randrange(max(1, picture.width - plate.width))
    top = luck.randrange(max(1, picture.height - plate.height))
    picture.paste(plate, (left, top), plate)
    picture = picture.filter(ImageFilter.GaussianBlur(luck.uniform(0, 0.8)))
    return Labelled(on.name, picture, [(left, top, plate.width, plate.height)])


class Count:
    """What became of labelled boxes."""

    def __init__(self) -> None:
        self.boxes = self.destroyed = self.blocked = self.false_boxes = self.pictures = 0
        self.filled: list[float] = []
        self.widths_missed: list[int] = []

    def result(self) -> dict[str, Any]:
        through = self.boxes - self.destroyed - self.blocked
        judged = self.boxes - self.blocked
        return {
            "pictures": self.pictures,
            "boxes": self.boxes,
            "destroyed": self.destroyed,
            "blocked": self.blocked,
            "let_through": through,
            "recall": round(self.destroyed / judged, 4) if judged else None,
            "false_boxes_a_picture": round(self.false_boxes / max(1, self.pictures), 2),
            "area_filled": round(statistics.mean(self.filled), 4) if self.filled else None,
            "widths_missed": sorted(self.widths_missed),
        }


def judge(one: Labelled, count: Count, find: Callable[[Any], list[detecting.Box]]) -> None:
    """Look at a picture as the product does, but with one of its finders alone."""
    count.pictures += 1
    count.boxes += len(one.boxes)
    pixels = np.array(one.picture)
    try:
        pictures._require_judgeable(pixels)  # noqa: SLF001 - the gate is what is measured
    except Blocked:
        count.blocked += len(one.boxes)
        return
    found = find(pixels)
    marked = np.zeros_like(pixels)
    pictures._filled(marked, found)  # noqa: SLF001
    is_filled = marked[:, :, 0] == pictures.FILL
    count.filled.append(float(is_filled.mean()))
    for left, top, width, height in one.boxes:
        part = is_filled[max(0, top) : top + height, max(0, left) : left + width]
        if part.mean() >= ENOUGH:
            count.destroyed += 1
        else:
            count.widths_missed.append(width)
    count.false_boxes += sum(not any(_touch(box, known) for known in one.boxes) for box in found)


def _touch(box: detecting.Box, known: tuple[int, int, int, int]) -> bool:
    left, top, width, height = known
    return (
        box.left < left + width and box.right > left
        and box.top < top + height and box.bottom > top
    )  # fmt: skip


def _changed(picture: Image.Image, how: str, much: float) -> Image.Image:
    match how:
        case "blurred":
            return picture.filter(ImageFilter.GaussianBlur(much))
        case "darkened":
            return ImageEnhance.Brightness(picture).enhance(much)
        case "flattened":
            return ImageEnhance.Contrast(picture).enhance(much)
        case "compressed":
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=int(much))
            return Image.open(out).convert("RGB")
    raise ValueError(how)


def _worse(one: Labelled, how: str, much: float) -> Labelled:
    if how == "shrunk":
        size = (round(one.picture.width * much), round(one.picture.height * much))
        boxes = [tuple(round(side * much) for side in box) for box in one.boxes]
        return Labelled(one.name, one.picture.resize(size), boxes)
    if how == "turned":
        return Labelled(one.name, one.picture.rotate(180 if much == 180 else 90, expand=True),
                        [_turned(box, one.picture, much) for box in one.boxes])  # fmt: skip
    return Labelled(one.name, _changed(one.picture, how, much), one.boxes)


def _turned(
    box: tuple[int, int, int, int], picture: Image.Image, degrees: float
) -> tuple[int, int, int, int]:
    left, top, width, height = box
    if degrees == 180:
        return (picture.width - left - width, picture.height - top - height, width, height)
    return (top, picture.width - left - width, height, width)  # 90 degrees to the left


WORSE = [
    *(("shrunk", much) for much in (0.7, 0.5, 0.35, 0.25)),
    *(("blurred", much) for much in (1, 2, 3, 5)),
    *(("darkened", much) for much in (0.5, 0.25, 0.12, 0.06)),
    *(("flattened", much) for much in (0.5, 0.25, 0.1)),
    *(("compressed", much) for much in (30, 10)),
    ("turned", 90),
    ("turned", 180),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--plates", type=Path, required=True)
    parser.add_argument("--font", type=Path, help="a font with Chinese characters")
    parser.add_argument("--most", type=int, default=60, help="pictures of each kind of plate")
    options = parser.parse_args()
    luck, taken = random.Random(2026), detecting.FACE_SCORE
    networks = detecting.Networks()

    def face_boxes(pixels: Any) -> list[detecting.Box]:
        return [pictures._grown(box) for box in networks.faces(pixels)]  # noqa: SLF001

    people = faces(options.faces)
    result: dict[str, Any] = {"faces": {}, "plates": {}, "thresholds": {}}
    for name, how, much in [("as they are", "blurred", 0), *((f"{h} {m}", h, m) for h, m in WORSE)]:
        result["faces"][name] = _of((_worse(one, how, much) for one in people), face_boxes)
        print(name, result["faces"][name], flush=True)
    for threshold in (0.5, 0.35, 0.25, 0.15, 0.1):
        detecting.FACE_SCORE = threshold  # type: ignore[misc]
        shrunk = (_worse(one, "shrunk", 0.35) for one in people)
        result["thresholds"][str(threshold)] = _of(shrunk, face_boxes)
    for region in ("eu", "br", "us"):
        some = plates(options.plates / region, most=options.most, luck=luck)
        result["plates"][f"real, {region}"] = _of(some, networks.writing)
        print(region, result["plates"][f"real, {region}"], flush=True)
    beside = plates(options.plates / "eu", most=options.most, luck=luck)
    made = (rendered(one, options.font, luck) for one in beside)
    result["plates"]["rendered, cn"] = _of(made, networks.writing)
    result |= {"font": options.font is not None, "enough": ENOUGH, "face_score": taken}
    result |= {"load": os.getloadavg()[0], "machine": machine.describe()}
    write("pictures", result, _text(result))


def _of(some: Any, find: Callable[[Any], list[detecting.Box]]) -> dict[str, Any]:
    count, began = Count(), time.perf_counter()
    for one in some:
        judge(one, count, find)
    taken = time.perf_counter() - began
    return count.result() | {"seconds_a_picture": round(taken / max(1, count.pictures), 2)}


def _text(result: dict[str, Any]) -> str:
    head = (
        "| labelled | pictures | boxes | destroyed | blocked | let through | false boxes a picture"
        " | area filled |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )

    def lines(of: dict[str, Any], what: str) -> str:
        return "\n".join(
            f"| {what}, {name} | {one['pictures']} | {one['boxes']} | {one['destroyed']} |"
            f" {one['blocked']} | {one['let_through']} | {one['false_boxes_a_picture']} |"
            f" {one['area_filled']} |"
            for name, one in of.items()
        )

    return f"""
Faces: photographs with boxes drawn by people, as they are and made worse. Plates: photographs \
with boxes drawn by people (eu, br, us), and Chinese plates rendered onto photographs (the plate \
is not real). Destroyed: at least {ENOUGH:.0%} of the box is filled. Blocked: the picture was \
judged to be too poor, and does not leave. False boxes: filled where nothing is labelled; of \
writing most of them are other writing.

{head}{lines(result["faces"], "faces")}
{lines(result["plates"], "plates")}

By the threshold for faces, on faces shrunk to 0.35 of their size (12 to 40 pixels; the product \
takes {result["face_score"]}):

{head}{lines(result["thresholds"], "score")}
"""


if __name__ == "__main__":
    main()
