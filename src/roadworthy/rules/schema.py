"""The shape of the law's files (packs, register), checked before anything is made of them."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from roadworthy.kernel.errors import Invalid


class BadPack(Invalid):
    code = "bad-pack"
    message = "The regulation pack file {file} is not usable: {fault}."


@cache
def _validator(kind: str, shapes: str) -> Draft202012Validator:
    path = resources.files(__package__) / "schemas" / f"{shapes}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return Draft202012Validator(
        {"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}, format_checker=FormatChecker()
    )


def check(kind: str, raw: Any, file: str, *, shapes: str = "pack") -> Any:
    """Return ``raw`` if it has the shape of ``kind``.

    Raises:
        BadPack: it has not; names the file, the place in it and the fault.
    """
    faults = sorted(
        _validator(kind, shapes).iter_errors(raw), key=lambda fault: list(map(str, fault.path))
    )
    if faults:
        place = "/".join(map(str, faults[0].absolute_path)) or "the whole file"
        raise BadPack(file=file, fault=f"{place}: {faults[0].message}")
    return raw
