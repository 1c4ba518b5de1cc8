"""Look at a page as it is, in each theme and width of one language: one load, several looks.

What depends on the markup alone is asked of every page at every width. The contrast of colours
costs axe more than all the rest; it depends on the theme and on the classes, so it is asked in
one language, and of the first two of things that are built alike (a list of 150 equal rows is
judged by two of each sort).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.e2e.pictures import picture

SERIOUS = {"minor", "moderate", "serious", "critical"}
CONTRAST = "color-contrast"
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
AXE = "(options) => axe.run({...options, resultTypes: ['violations']}).then((r) => r.violations)"
# Attributes that say which thing it is, not how it is built.
TWO_OF_A_KIND = """
() => {
  const which = /^(id|href|src|for|name|value|title|datetime|action|alt)$|^aria-(label|desc)/;
  const built = (one) => {
    const kept = [...one.attributes].filter((a) => !which.test(a.name));
    const words = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    return [one.tagName, words, ...kept.map((a) => a.name + "=" + a.value).sort(),
            "(", ...[...one.children].map(built), ")"].join(" ");
  };
  const thin = (one) => {
    [...one.children].forEach(thin);
    const seen = new Map();
    for (const child of [...one.children]) {
      const kind = built(child);
      seen.set(kind, (seen.get(kind) || 0) + 1);
      if (seen.get(kind) > 2) child.remove();
    }
  };
  thin(document.body);
}
"""


@dataclass(frozen=True)
class Setting:
    """How a page is looked at."""

    theme: str
    width: int
    contrast: bool = True


# Each theme has its contrast looked at once; each language is seen wide and narrow.
SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    "zh": (Setting("dark", 360, contrast=False), Setting("light", 1440)),
    "en": (Setting("light", 1024, contrast=False), Setting("dark", 360)),
}


class Looking:
    """A window that collects what is wrong with the pages it is shown."""

    def __init__(self, page: Page, language: str, settings: tuple[Setting, ...]) -> None:
        self.page, self.language, self.settings = page, language, settings
        self.wrong: dict[str, object] = {}
        self._said: list[str] = []
        page.on("console", lambda message: self._said.append(message.text))
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def at(self, name: str, address: str) -> None:
        """Load a page and look at it in every setting, the one that thins it out last."""
        self._said.clear()
        self.page.goto(address)
        # First the pictures, while what is folded is folded; the look that thins out comes last.
        wide = {setting: self._picture(name, setting) for setting in self.settings}
        faults = {}
        for setting in sorted(self.settings, key=lambda one: one.contrast):
            self._turn_to(setting)
            faults[setting] = faults_of(self.page, contrast=setting.contrast)
        complaints = [text for text in self._said if "status of 4" not in text]
        for setting in self.settings:
            if faults[setting] or complaints or wide[setting] > setting.width:
                self.wrong[f"{name} {setting}"] = (faults[setting], complaints, wide[setting])

    def _picture(self, name: str, setting: Setting) -> int:
        """Take a picture and return how wide the page is, in pixels."""
        self._turn_to(setting)
        picture(self.page, f"{name}-{self.language}-{setting.width}-{setting.theme}")
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def _turn_to(self, setting: Setting) -> None:
        self.page.emulate_media(color_scheme=setting.theme, reduced_motion="reduce")
        self.page.set_viewport_size({"width": setting.width, "height": 900})


def faults_of(page: Page, *, contrast: bool = True) -> list[str]:
    """Open everything that is folded, then ask axe; for contrast, a long page is thinned out."""
    page.evaluate(UNFOLD)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE, {"rules": {CONTRAST: {"enabled": False}}})
    if contrast:
        page.evaluate(TWO_OF_A_KIND)
        found += page.evaluate(AXE, {"runOnly": [CONTRAST]})
    return [_told(one) for one in found if one["impact"] in SERIOUS]


def _told(one: Mapping[str, Any]) -> str:
    return f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})"
