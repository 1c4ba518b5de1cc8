"""A person who has a keyboard and no mouse, and finds things by the names that the page gives them.

* One script serves both languages: a name is a msgid (or a context and a msgid), said in the
  language of the page. What has no translation (a number, a code) is said as it is.
* Every act is a key. A control is reached by Tab or Shift+Tab, from the link that skips the
  navigation onward; one that Tab passes by, or that shows no focus, fails the test: it is a fault
  of the page. Only the chooser of files is the system's, not the page's.
* Pictures are taken when ``ROADWORTHY_TEST_SHOTS`` names a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.pictures import picture

# A msgid, a context and a msgid, a lazy text of the pages themselves, or a list of those in a row.
Name = Any
TABS = 400  # more stops than any page has
_FIELDS: tuple[Any, ...] = ("textbox", "combobox", "searchbox", "spinbutton")
_PARTS: tuple[Any, ...] = ("region", "group", "navigation", "dialog", "article")
# Where the focus is, seen from the element that is sought, and how many stops seem to lie between.
# Of a group of radio buttons Tab reaches one, and the arrows the others.
_WHERE = """
(sought) => {
  const at = document.activeElement;
  const peer = sought.type === "radio" && at.type === "radio" && at.name === sought.name;
  if (at === sought || peer) {
    const look = getComputedStyle(at);
    const shown = at.matches(":focus-visible")
      && (look.outlineStyle !== "none" || look.boxShadow !== "none" || at.type === "radio");
    const box = at.getBoundingClientRect();
    return [shown && box.bottom > 0 && box.top < innerHeight ? "there" : "unseen", 0];
  }
  const nowhere = at === document.body;
  if (nowhere && !location.hash && sought.closest("main")) return ["top", 0];
  const back = !nowhere && at.compareDocumentPosition(sought) & Node.DOCUMENT_POSITION_PRECEDING;
  const from = nowhere ? document.querySelector("main") : at;
  const [first, last] = back ? [sought, from] : [from, sought];
  const follows = (a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
  const groups = new Set();
  const between = [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]"
  )].filter((one) => {
    if (one.tabIndex < 0 || one.disabled || one.type === "hidden") return false;
    if (!follows(first, one) || !follows(one, last) || !one.checkVisibility()) return false;
    const again = one.type === "radio" && groups.has(one.name);
    if (one.type === "radio") groups.add(one.name);
    return !again;
  });
  return [back ? "back" : "on", between.length];
}
"""
_MISTAKES = """
() => [...document.querySelectorAll(".field__error")].map((error) => {
  const field = document.querySelector(`[aria-describedby~="${error.id}"]`);
  const name = field?.labels?.[0] ?? field?.querySelector("legend");
  return [error.id && name ? name.innerText : "nobody's", error.innerText];
})
"""


class Hands:
    """Someone at a page, in a language (``zh`` or ``en``)."""

    def __init__(self, page: Page, language: str, *, base: str = "") -> None:
        self.page, self.base, self.language = page, base, language
        self._code = "zh-hans" if language == "zh" else language
        self._within: Locator | None = None
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda one: self._listen(one.type, one.text))

    def say(self, name: Name, **fields: Any) -> str:
        """Return what a msgid reads on this page."""
        if isinstance(name, list):
            return " ".join(self.say(one, **fields) for one in name)
        with translation.override(self._code):
            if isinstance(name, Promise):
                said = str(name)
            elif isinstance(name, tuple):
                said = translation.pgettext(*name)
            else:
                said = translation.gettext(name)
        if not fields:
            return said
        return said % fields if "%(" in said else said.format(**fields)  # as in a template

    def go(self, address: str) -> None:
        """Type an address."""
        self.page.goto(self.base + address)

    @property
    def address(self) -> str:
        """Where one is, to come back there."""
        return self.page.url.removeprefix(self.base).partition("#")[0]

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form, and turn to one's language if the account has the other."""
        self.go("/login/")
        self.fill("E-mail address", email)
        self.fill("Password", password)
        self.press("Sign in")
        self.follow({"zh": "中文", "en": "EN"}[self.language])  # in its own language, on any page

    # What one does with the things on a page.

    def follow(self, name: Name, **fields: Any) -> None:
        """Follow the link of that name to another page."""
        self._act("link", name, fields)

    def press(self, name: Name, **fields: Any) -> None:
        """Press the button of that name, which leads to another page."""
        self._act("button", name, fields)

    def open(self, name: Name, **fields: Any) -> None:
        """Press what opens something on this page: a dialog, or a part that is folded."""
        said = self._exactly(self.say(name, **fields))
        place = self._place()
        self.reach(
            place.locator("summary", has_text=said)
            .or_(place.get_by_role("button", name=said))
            .or_(place.get_by_role("link", name=said))
        )
        self.page.keyboard.press("Enter")

    def fill(self, label: Name, value: str) -> None:
        """Write a value into a field in place of what is there."""
        self.reach(self.field(label))
        self.page.keyboard.press("Control+a")
        if value:
            self.page.keyboard.insert_text(value)
        else:
            self.page.keyboard.press("Delete")

    def fill_in(self, values: Mapping[Name, str]) -> None:
        """Write several fields, in the order of the page."""
        for label, value in values.items():
            self.fill(label, value)

    def choose(self, label: Name, option: Name) -> None:
        """Choose from a list with the arrows."""
        field, wanted = self.field(label), self.say(option)
        self.reach(field)
        texts = [" ".join(text.split()) for text in field.locator("option").all_inner_texts()]
        steps = texts.index(wanted) - int(field.evaluate("(one) => one.selectedIndex"))
        for _step in range(abs(steps)):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        assert field.evaluate("(one) => one.selectedOptions[0].text.trim()") == wanted

    def tick(self, label: Name) -> None:
        """Tick a box, or leave it ticked."""
        box = self._place().get_by_role("checkbox", name=self._exactly(self.say(label)))
        self.reach(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def pick(self, label: Name) -> None:
        """Pick one of a few that exclude each other; what it means stands behind its name."""
        radio = self._place().get_by_role("radio", name=re.compile(re.escape(self.say(label))))
        self.reach(radio.first)
        self.page.keyboard.press("Space")
        for _step in range(10):
            if radio.first.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach “{self.say(label)}”")

    def hand_in(self, label: Name, *files: str | Path | FilePayload) -> None:
        """Hand in files at a field that Tab reaches; the chooser itself is the system's."""
        place = self._place()
        field = place.locator("[type=file]").and_(
            place.get_by_label(self._exactly(self.say(label)))
        )
        self.reach(field)
        field.set_input_files(list(files))  # type: ignore[arg-type]

    @contextmanager
    def within(self, name: Name, **fields: Any) -> Iterator[None]:
        """Look only at the part of the page that has that name."""
        said, before = self._exactly(self.say(name, **fields)), self._within
        place = self._place()
        # A table that scrolls is a part of that name within the part.
        self._within = _any_of(*(place.get_by_role(role, name=said) for role in _PARTS)).first
        try:
            yield
        finally:
            self._within = before

    # What one sees.

    def sees(self, *names: Name, **fields: Any) -> None:
        """Expect words on the page, anywhere or within the part that is looked at."""
        place = self._within or self.page.locator("body")
        for name in names:
            expect(place).to_contain_text(self.say(name, **fields), use_inner_text=True)

    def sees_not(self, *names: Name, **fields: Any) -> None:
        """Expect that words are nowhere, nor hidden."""
        place = self._within or self.page.locator("body")
        for name in names:
            expect(place).not_to_contain_text(self.say(name, **fields))

    def offers(self, name: Name, **fields: Any) -> bool:
        """Say whether the page offers a link or a button of that name."""
        said = self._exactly(self.say(name, **fields))
        place = self._place()
        return bool(
            place.get_by_role("link", name=said).or_(place.get_by_role("button", name=said)).count()
        )

    def mistakes(self) -> dict[str, str]:
        """Return what the page says about each field that is wrong, by the field's name.

        An error that belongs to no field for one who does not see is a fault of the page.
        """
        found = {
            name.replace(self.say("(optional)"), "").strip(): " ".join(said.split())
            for name, said in self.page.evaluate(_MISTAKES)
        }
        assert "nobody's" not in found, found
        return found

    def value(self, label: Name) -> str:
        """Return what stands in a field."""
        return self.field(label).input_value()

    def look(self, name: str) -> None:
        """Take a picture if somebody wants one, and hear whether the page complained."""
        assert self.faults == [], self.faults
        assert self.page.get_by_role("heading", level=1).count() == 1, self.page.url
        picture(self.page, f"{name}-{self.language}")

    # How one gets there.

    def field(self, label: Name) -> Locator:
        """Return the field of that name."""
        said, place = self._exactly(self.say(label)), self._place()
        return _any_of(*(place.get_by_role(role, name=said) for role in _FIELDS))

    def reach(self, sought: Locator) -> None:
        """Press Tab until what is sought has the focus, and shows that it has."""
        expect(sought).to_have_count(1)
        where, stops = sought.evaluate(_WHERE)
        if where == "top":  # nothing has the focus yet: skip the navigation
            self.page.keyboard.press("Tab")
            self.page.keyboard.press("Enter")
            where, stops = sought.evaluate(_WHERE)
        for _stop in range(stops):  # without looking up at each
            self.page.keyboard.press("Tab" if where == "on" else "Shift+Tab")
        way = ""
        for _stop in range(TABS):
            where, _stops = sought.evaluate(_WHERE)
            if where == "there":
                return
            assert where != "unseen", f"no focus is seen on {sought}"
            assert way in {"", where}, f"Tab passes by {sought} on {self.page.url}"
            way = where
            self.page.keyboard.press("Tab" if where == "on" else "Shift+Tab")
        raise AssertionError(f"Tab does not reach {sought} on {self.page.url}")

    def _act(self, role: Any, name: Name, fields: Mapping[str, Any]) -> None:
        said = self._exactly(self.say(name, **fields))
        self.reach(self._place().get_by_role(role, name=said))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _place(self) -> Any:
        return self._within or self.page

    def _exactly(self, said: str) -> re.Pattern[str]:
        optional = re.escape(self.say("(optional)"))  # or how many there are
        name = re.escape(said).replace("/", r"\/")  # what reads it takes / for its end
        return re.compile(rf"^\s*{name}\s*({optional}|\d+)?\s*$")

    def _listen(self, kind: str, text: str) -> None:
        # A form that came back is an answer of its own, which the browser also logs; and who
        # leaves a page cuts off what it was still asking.
        # Of such a request htmx says both; of an answer that is a fault it says "responseError".
        cut_off = ("htmx:send", "htmx:afterRequest")
        if kind == "error" and "status of 4" not in text and not text.startswith(cut_off):
            self.faults.append(text)


def _any_of(first: Locator, *others: Locator) -> Locator:
    return first if not others else _any_of(first.or_(others[0]), *others[1:])
