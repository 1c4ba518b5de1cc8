"""A page as a tree, with what stands in its fields: as much of HTML as a form needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_UNSEEN = frozenset({"script", "style", "template", "title"})


@dataclass(eq=False)
class Node:
    """An element; its children are elements and texts."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def nodes(self) -> Iterator[Node]:
        """Yield this element and every one below it, in the order of the page."""
        yield self
        for one in self.children:
            if isinstance(one, Node):
                yield from one.nodes()

    def all(self, tag: str) -> list[Node]:
        """Return the elements of a kind, in the order of the page."""
        return [one for one in self.nodes() if one.tag == tag]

    @property
    def text(self) -> str:
        """The words in it, as they are read."""
        return " ".join("".join(self._words()).split())

    @property
    def values(self) -> list[str]:
        """What a browser would send of a field."""
        if self.tag == "textarea":
            # A browser drops the line break that follows the tag.
            return ["".join(str(one) for one in self.children).removeprefix("\n")]
        if self.tag == "select":
            options = self.all("option")
            chosen = [one for one in options if "selected" in one.attrs]
            if not chosen and "multiple" not in self.attrs:
                chosen = options[:1]
            return [one.attrs.get("value", one.text) for one in chosen]
        kind = self.attrs.get("type", "text")
        if kind in {"file", "submit"} or (
            kind in {"checkbox", "radio"} and "checked" not in self.attrs
        ):
            return []
        return [self.attrs.get("value", "on" if kind in {"checkbox", "radio"} else "")]

    def write(self, value: str) -> None:
        """Write into a field of text."""
        assert "readonly" not in self.attrs, f"{self.attrs.get('name')} is only to be read"
        if self.tag == "textarea":
            self.children = [value]
        else:
            self.attrs["value"] = value

    def mark(self, name: str, *, on: bool) -> None:
        """Set or drop an attribute that has no value."""
        if on:
            self.attrs[name] = ""
        else:
            self.attrs.pop(name, None)

    def _words(self) -> Iterator[str]:
        if self.tag in _UNSEEN or self.tag == "textarea":
            return
        for one in self.children:
            if isinstance(one, Node):
                yield from one._words()
            else:
                yield one
        if self.tag not in {"a", "b", "code", "em", "mark", "span", "strong", "sup"}:
            yield " "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(text: str) -> Node:
    """Read a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root
