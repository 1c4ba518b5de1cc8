"""Words of the register: whose recalls, and how the defect is removed."""

from __future__ import annotations

from enum import StrEnum


class Authority(StrEnum):
    """Who published the recall; the values are those of files and of the API."""

    SAMR = "CN SAMR"
    NHTSA = "US NHTSA"
    DVSA = "UK DVSA"


class Remedy(StrEnum):
    OTA = "ota"
    WORKSHOP = "workshop"
    BOTH = "both"  # over the air, and in a workshop where that is not possible or not enough
    UNKNOWN = "unknown"  # the source does not say


OVER_THE_AIR = (Remedy.OTA, Remedy.BOTH)


class Origin(StrEnum):
    """How a recall came into the register."""

    FILE = "file"
    API = "api"


class Format(StrEnum):
    """The kinds of files that can be read."""

    NHTSA = "nhtsa"  # NHTSA's index of recall documents
    DVSA = "dvsa"  # DVSA's list of recalls
    NOTICES = "notices"  # notices transcribed from public pages, each with its address
    GENERIC = "generic"  # our own, see docs/howto/import-recalls.md
