"""A person with a mouse, for runs that are about what the pages do and not how they are reached.

The same visible names as ``Hands``: whoever finds two things of one name on a page is stopped by
it, unless both are links to one place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Locator, expect

from tests.e2e.hands import Hands, Name


class Mouse(Hands):
    """Someone at a page who clicks."""

    def enter(self, name: Name) -> None:
        """Choose an entry of the main navigation."""
        with self.within("Main"):
            self.follow(name)

    def open(self, name: Name, **fields: Any) -> None:
        said, place = self._exactly(self.say(name, **fields)), self._place()
        self.reach(
            place.locator("summary", has_text=said)
            .or_(place.get_by_role("button", name=said))
            .or_(place.get_by_role("link", name=said))
        )

    def fill(self, label: Name, value: str) -> None:
        self.field(label).fill(value)

    def choose(self, label: Name, option: Name) -> None:
        self.field(label).select_option(label=self.say(option))

    def tick(self, label: Name) -> None:
        self._place().get_by_role("checkbox", name=self._exactly(self.say(label))).check()

    def pick(self, label: Name) -> None:
        said, place = self.say(label), self._place()
        exactly = place.get_by_role("radio", name=self._exactly(said))
        begins = place.get_by_role("radio", name=re.compile(rf"^\s*{re.escape(said)}"))
        (exactly if exactly.count() else begins).first.check()  # what it means stands behind

    def hand_in(self, label: Name, *files: str | Path | FilePayload) -> None:
        self._place().get_by_label(self._exactly(self.say(label))).set_input_files(list(files))  # type: ignore[arg-type]

    def reach(self, sought: Locator) -> None:
        """Click what is sought."""
        expect(sought).to_have_count(1)
        sought.click()

    def href(self, name: Name) -> str:
        """Return where a link leads that nobody follows: a file in the page itself."""
        return str(self._place().get_by_role("link", name=self.say(name)).get_attribute("href"))

    def figure(self, name: Name, value: int) -> None:
        """Expect a figure under its name."""
        said = rf"{re.escape(self.say(name))}\s*{value}(?!\d)"
        expect(self.page.locator("main")).to_contain_text(re.compile(said), use_inner_text=True)

    def _act(self, role: Any, name: Name, fields: Mapping[str, Any]) -> None:
        said = self._exactly(self.say(name, **fields))
        found = self._place().get_by_role(role, name=said)
        expect(found.first).to_be_visible()
        if role == "link" and found.count() > 1:
            places = {one.get_attribute("href") for one in found.all()}
            assert len(places) == 1, (said.pattern, places, self.page.url)
            found = found.first
        expect(found).to_have_count(1)
        with self.page.expect_navigation():
            found.click()
