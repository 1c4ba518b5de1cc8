"""Pictures of pages, for people who look: where ``ROADWORTHY_TEST_SHOTS`` names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def picture(page: Page, name: str) -> None:
    """Take a picture of the whole page, if somebody wants one."""
    if folder := os.environ.get("ROADWORTHY_TEST_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
