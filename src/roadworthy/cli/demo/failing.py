"""How a demonstration ends when something that it checks does not hold."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict


class DemoFailed(Conflict):
    """Something that the demonstration checks does not hold: it ends, and not with exit code 0."""

    code = "demo-failed"
    message = "The demonstration does not hold: {what}"

    def __init__(self, what: str) -> None:
        super().__init__(what=what)
