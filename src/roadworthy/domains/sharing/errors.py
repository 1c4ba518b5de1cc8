"""What can go wrong when one authority asks for the other's matter."""

from __future__ import annotations

from roadworthy.kernel.errors import NotFound


class NoSuchMatter(NotFound):
    code = "no-such-matter"
    message = "There is no such matter, or it is not shared with you for that."
