"""A picture from outside the vehicle, without faces, without plates, and without anything beside
the pixels; or no picture.

* Whatever may be a face or writing is filled with one grey that does not depend on the picture:
  nothing of it can be computed back.
* The result is drawn anew from pixels, so position, time, camera, thumbnails and comments that
  came with the picture are gone.
* In doubt it is blocked: too small, too dark, too flat or too blurred to be judged, a face that is
  still found after filling, nothing that could look. There is no way to ask for less care.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from roadworthy.egress.detecting import Box, Detector, Pixels
from roadworthy.egress.errors import Blocked, NotAPicture

LARGEST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 16_000_000
LEAST_SIDE: Final = 128  # pixels; bench/results/pictures.json: below, faces are missed
LEAST_LIGHT: Final = 20.0  # of 255, on average
LEAST_CONTRAST: Final = 10.0  # standard deviation of the brightness, of 255
LEAST_SHARPNESS: Final = 12.0  # variance of the Laplacian
MOST_FILLED: Final = 0.8  # of the area; beyond, nothing is left that anyone could need
STILL_A_FACE: Final = 0.5
FACE_MARGIN: Final = 0.3  # of a face's width and height, for hair, ears and chin
FILL: Final = 128
QUALITY: Final = 90
_FORMATS: Final = ("JPEG", "PNG")
_UNREADABLE: Final = (
    *(OSError, ValueError, SyntaxError),
    *(Image.DecompressionBombWarning, Image.DecompressionBombError),
)


@dataclass(frozen=True, slots=True)
class Cleared:
    """``content`` is a JPEG."""

    content: bytes
    width: int
    height: int
    faces: int  # boxes that were filled; one face may have several
    writing: int
    filled: float  # part of the area


def clear(content: bytes, detector: Detector) -> Cleared:
    """Return a picture in which nobody is to be recognised.

    Raises:
        NotAPicture: it is none, or too large a one.
        Blocked: it cannot be made sure that nobody is.
    """
    pixels = decoded(content)
    _require_judgeable(pixels)
    faces, writing = detector.faces(pixels), detector.writing(pixels)
    filled = _filled(pixels, [*(_grown(box) for box in faces), *writing])
    if filled > MOST_FILLED:
        raise Blocked(reason="faces and writing may be nearly everywhere in it")
    if any(box.score >= STILL_A_FACE for box in detector.faces(pixels)):
        raise Blocked(reason="after filling what was found, there still seems to be a face")
    return _drawn(pixels, len(faces), len(writing), filled)


def redrawn(content: bytes) -> Cleared:
    """Return a picture whose people have agreed to be seen: without anything beside the pixels.

    Raises:
        NotAPicture: it is none, or too large a one.
    """
    return _drawn(decoded(content), 0, 0, 0.0)


def _drawn(pixels: Pixels, faces: int, writing: int, filled: float) -> Cleared:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    height, width = pixels.shape[:2]
    return Cleared(out.getvalue(), width, height, faces, writing, filled)


def decoded(content: bytes) -> Pixels:
    """Return the pixels, the right way up.

    Raises:
        NotAPicture: it is none, or too large a one.
    """
    if len(content) > LARGEST_BYTES:
        raise NotAPicture(reason=f"it has more than {LARGEST_BYTES} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotAPicture(reason=f"it has more than {MOST_PIXELS} pixels")
                picture.load()
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except UnidentifiedImageError:
        raise NotAPicture(reason="its bytes are of no known form") from None
    except _UNREADABLE as wrong:
        raise NotAPicture(reason=str(wrong) or type(wrong).__name__) from None
    return np.array(upright, dtype=np.uint8)


def _require_judgeable(pixels: Pixels) -> None:
    if min(pixels.shape[:2]) < LEAST_SIDE:
        raise Blocked(reason=f"a side has fewer than {LEAST_SIDE} pixels")
    light = pixels.astype(np.float32).mean(axis=2)
    if light.mean() < LEAST_LIGHT:
        raise Blocked(reason="it is too dark to be judged")
    if light.std() < LEAST_CONTRAST:
        raise Blocked(reason="it has too little contrast to be judged")
    if _sharpness(light) < LEAST_SHARPNESS:
        raise Blocked(reason="it is too blurred to be judged")


def _sharpness(light: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return the variance of the Laplacian: how much edges stand out."""
    middle = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float((around - 4 * middle).var())


def _grown(box: Box) -> Box:
    aside = (box.right - box.left) * FACE_MARGIN / 2
    above = (box.bottom - box.top) * FACE_MARGIN / 2
    return Box(box.left - aside, box.top - above, box.right + aside, box.bottom + above, box.score)


def _filled(pixels: Pixels, boxes: Iterable[Box]) -> float:
    """Fill the boxes; return which part of the area that is."""
    height, width = pixels.shape[:2]
    is_filled = np.zeros((height, width), dtype=bool)
    for box in boxes:
        top, bottom = max(0, int(box.top)), min(height, int(box.bottom) + 1)
        left, right = max(0, int(box.left)), min(width, int(box.right) + 1)
        is_filled[top:bottom, left:right] = True
    pixels[is_filled] = FILL
    return float(is_filled.mean())
