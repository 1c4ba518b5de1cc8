"""The image and its test report: a real firmware, really packed, really checked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from roadworthy.cli.demo.stage import Stage
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release
from roadworthy.kernel.canonical import canonical
from roadworthy.trust import dsse

OLD_VERSION, NEW_VERSION = "moondancer 0.2.4", "moondancer 0.2.5"
