"""Keeps secret links out of logs: whoever reads a log could answer or read in their place."""

from __future__ import annotations

import logging
import re

_LINK = re.compile(r"(/o/|/consents/|/feeds/|/stop-mail/)[^/\s?\"']+")


class Links(logging.Filter):
    """Writes a dash for the token of every secret link in a message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without its tokens."""
        text = record.getMessage()
        hidden = _LINK.sub(r"\1–", text)
        if hidden != text:
            record.msg, record.args = hidden, None
        return True
