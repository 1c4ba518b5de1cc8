"""A window without script, worked by visible names as ``tests/e2e/hands.py`` works a browser.

* A page is only reached by a link or a form of the page before, or by its address.
* A form is sent whole: every field as it stands on the page, the written ones changed, with its
  CSRF token. A field, a choice or a button that the page does not have cannot be used.
* One script serves both languages: a name is a msgid, or a context and a msgid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from tests.portals.cases.markup import Node, parsed

Name = str | tuple[str, str]  # a msgid, or a context and a msgid
_WRITTEN = frozenset({"input", "select", "textarea"})
_NOT_TEXT = frozenset({"checkbox", "radio", "file", "hidden", "submit"})


class Window:
    """Someone at a page, in a language (``zh`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._code = "zh-hans" if language == "zh" else language
        self.client = Client(enforce_csrf_checks=True)
        self.client.cookies["django_language"] = self._code
        self.at, self.status = "/", 0
        self.page = parsed("")
        self._files: dict[int, Any] = {}  # what was chosen, by the field's identity
        self._within: Node | None = None

    def say(self, name: Name, **fields: Any) -> str:
        """Return what a msgid reads on this page."""
        context, text = name if isinstance(name, tuple) else (None, name)
        with translation.override(self._code):
            said = translation.pgettext(context, text) if context else translation.gettext(text)
        if not fields:
            return said
        return said % fields if "%(" in said else said.format(**fields)  # as in a template

    def go(self, address: str) -> None:
        """Type an address."""
        self._arrive(self.client.get(address, follow=True), address)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form."""
        self.go("/login/")
        self.fill("E-mail address", email)
        self.fill("Password", password)
        self.press("Sign in")
        # Who signs in reads their own language; this person changes it for now.
        self.follow("EN" if self.language == "en" else "中文")

    def follow(self, name: Name, **fields: Any) -> None:
        """Follow the link of that name."""
        said = self.say(name, **fields)
        self.go(urljoin(self.at, self._one(self._links(said), f"link “{said}”").attrs["href"]))

    open = follow  # without script, what opens a dialog leads to a page that asks the same

    def press(self, name: Name, **fields: Any) -> None:
        """Press the button of that name: its form is sent."""
        said = self.say(name, **fields)
        self._send(self._one(self._buttons(said), f"button “{said}”"))

    def fill(self, label: Name, value: str) -> None:
        """Write a value into a field in place of what is there."""
        self._field(label).write(value)

    def fill_in(self, values: Mapping[Name, str]) -> None:
        """Write several fields."""
        for label, value in values.items():
            self.fill(label, value)

    def choose(self, label: Name, option: Name) -> None:
        """Choose from a list."""
        said, field = self.say(option), self._field(label)
        options = field.all("option")
        assert said in [one.text for one in options], [one.text for one in options]
        for one in options:
            one.mark("selected", on=one.text == said)

    def tick(self, label: Name) -> None:
        """Tick a box, or leave it ticked."""
        self._box("checkbox", label).mark("checked", on=True)

    def pick(self, label: Name) -> None:
        """Pick one of a few that exclude each other; what it means stands behind its name."""
        chosen = self._box("radio", label)
        for one in self._form_of(chosen).all("input"):
            if one.attrs.get("name") == chosen.attrs["name"]:
                one.mark("checked", on=one is chosen)

    def hand_in(self, label: Name, *files: Mapping[str, Any]) -> None:
        """Hand in files: each with its name and bytes, as Playwright takes them."""
        field = self._labelled(self.say(label), lambda one: one.attrs.get("type") == "file")
        self._files[id(field)] = [SimpleUploadedFile(one["name"], one["buffer"]) for one in files]

    @contextmanager
    def within(self, name: Name, **fields: Any) -> Iterator[None]:
        """Look only at the part of the page that has that name."""
        said, before = self.say(name, **fields), self._within
        exactly = re.compile(rf"{re.escape(said)}\s*\d*")  # or how many there are
        parts = [one for one in self._place.nodes() if exactly.fullmatch(self._name_of(one))]
        self._within = self._one(parts, f"part “{said}”")
        try:
            yield
        finally:
            self._within = before

    def sees(self, *names: Name, **fields: Any) -> None:
        """Expect words on the page, anywhere or within the part that is looked at."""
        for name in names:
            said = " ".join(self.say(name, **fields).split())
            assert said in self._place.text, f"no “{said}” at {self.at}:\n{self._place.text}"

    def sees_not(self, *names: Name, **fields: Any) -> None:
        """Expect that words are nowhere."""
        for name in names:
            said = self.say(name, **fields)
            assert said not in self._place.text, f"“{said}” is at {self.at}"

    def offers(self, name: Name, **fields: Any) -> bool:
        """Say whether the page offers a link or a button of that name."""
        said = self.say(name, **fields)
        return bool(self._links(said) + self._buttons(said))

    def mistakes(self) -> list[str]:
        """Return what the page says is wrong."""
        return [
            one.text for one in self.page.nodes() if "field__error" in one.attrs.get("class", "")
        ]

    def head(self) -> str:
        """Return the number of what the page is about."""
        found = [one for one in self.page.nodes() if one.attrs.get("class") == "head__id"]
        codes = [code.text for one in found for code in one.all("code")]
        assert codes, f"{self.at} ({self.status}) is about nothing:\n{self.page.text}"
        return codes[0]

    def bytes_of(self, name: Name, **fields: Any) -> bytes:
        """Return the file that a link leads to."""
        said = self.say(name, **fields)
        link = self._one(self._links(said), f"link “{said}”")
        answer = self.client.get(urljoin(self.at, link.attrs["href"]))
        assert answer.status_code == 200, answer.status_code
        return bytes(answer.getvalue())

    @property
    def _place(self) -> Node:
        return self._within or self.page

    def _links(self, said: str) -> list[Node]:
        found = [one for one in self._place.all("a") if one.text == said and "href" in one.attrs]
        return list({one.attrs["href"]: one for one in found}.values())

    def _buttons(self, said: str) -> list[Node]:
        return [one for one in self._place.all("button") if one.text == said]

    def _field(self, label: Name) -> Node:
        return self._labelled(
            self.say(label),
            lambda one: one.tag != "input" or one.attrs.get("type", "text") not in _NOT_TEXT,
        )

    def _labelled(self, said: str, fits: Any) -> Node:
        wanted = {said, f"{said} {self.say('(optional)')}"}
        ids = {
            one.attrs["for"]
            for one in self._place.all("label")
            if one.text in wanted and "for" in one.attrs
        }
        found = [
            one
            for one in self._place.nodes()
            if one.tag in _WRITTEN
            and (one.attrs.get("id") in ids or one.attrs.get("aria-label") in wanted)
            and fits(one)
        ]
        return self._one(found, f"field “{said}”")

    def _box(self, kind: str, label: Name) -> Node:
        said = self.say(label)
        found = [
            box
            for one in self._place.all("label")
            if one.text.startswith(said) and (kind == "radio" or one.text == said)
            for box in one.all("input")
            if box.attrs.get("type") == kind
        ]
        assert found, f"no {kind} “{said}” at {self.at}"
        return found[0]

    def _name_of(self, node: Node) -> str:
        if node.tag == "fieldset":
            return next((one.text for one in node.all("legend")), "")
        named = node.attrs.get("aria-labelledby")
        if node.tag not in {"section", "form", "dialog"} or not named:
            return node.attrs.get("aria-label", "")
        return next((one.text for one in self.page.nodes() if one.attrs.get("id") == named), "")

    def _one(self, found: list[Node], what: str) -> Node:
        texts = [one.text for one in (*self._place.all("a"), *self._place.all("button"))]
        labels = [one.text for one in self._place.all("label")]
        assert len(found) == 1, (
            f"{len(found)} times {what} at {self.at}; there are {texts}, {labels}"
        )
        return found[0]

    def _form_of(self, node: Node) -> Node:
        return next(one for one in self.page.all("form") if node in one.nodes())

    def _send(self, button: Node) -> None:
        form = self._form_of(button)
        sent: dict[str, list[Any]] = {}
        for one in form.nodes():
            name = one.attrs.get("name")
            if one.tag in _WRITTEN and name and "disabled" not in one.attrs:
                values = self._files.get(id(one), one.values)
                if values:
                    sent.setdefault(name, []).extend(values)
        if "name" in button.attrs:
            sent[button.attrs["name"]] = [button.attrs.get("value", "")]
        address = urljoin(self.at, form.attrs.get("action") or self.at)
        ask = self.client.post if form.attrs.get("method") == "post" else self.client.get
        self._files.clear()
        self._arrive(ask(address, sent, follow=True), address)

    def _arrive(self, answer: Any, address: str) -> None:
        chain = getattr(answer, "redirect_chain", ())
        self.at = urljoin(address, chain[-1][0]) if chain else address
        self.status = answer.status_code
        self.page, self._within = parsed(answer.content.decode()), None

    def look(self, name: str) -> None:
        """Nothing to see without a browser; the page must have its one heading."""
        assert len(self.page.all("h1")) == 1, f"{name}: {self.at}"
