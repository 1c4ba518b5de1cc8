"""What two sides of a matter tell of each other when they are held side by side."""

from __future__ import annotations

import msgspec
import pytest

from roadworthy.domains.exchange import comparing, matters
from roadworthy.domains.exchange.comparing import Verdict

MATTER = "note/1"


def _matter(name=MATTER, lines=None, facts=None, **other):
    made = matters.Matter(
        name=name,
        lines={sender: matters.Position(*where) for sender, where in (lines or {}).items()},
        state=facts or {},
        evidence={},
        altered={},
        pending=False,
    )
    return msgspec.structs.replace(made, **other)


US, THEM = "us", "them"
FIRST, SECOND = (1, 1, "a"), (2, 2, "b")


@pytest.mark.parametrize(
    ("here", "there", "verdict"),
    [
        (_matter(lines={US: SECOND}), _matter(lines={US: FIRST}), Verdict.MISSING_THERE),
        (_matter(lines={THEM: FIRST}), _matter(lines={THEM: SECOND}), Verdict.MISSING_HERE),
        (_matter(lines={US: FIRST}), _matter(lines={US: SECOND}), Verdict.LOST_HERE),
        (_matter(lines={THEM: SECOND}), None, Verdict.LOST_THERE),
        (
            _matter(lines={US: SECOND}, pending=True),
            _matter(lines={US: FIRST}),
            Verdict.ON_ITS_WAY,
        ),
        (_matter(lines={US: (2, 1, "b")}), _matter(lines={US: (2, 2, "c")}), Verdict.ALTERED_HERE),
        (_matter(lines={US: SECOND}), _matter(lines={US: (2, 2, "c")}), Verdict.UNEQUAL),
        (_matter(facts={"s": "1"}), _matter(facts={"s": "2"}), Verdict.UNEQUAL),
        (_matter(facts={"s": "1"}, pending=True), _matter(facts={"s": "2"}), Verdict.ON_ITS_WAY),
        (
            _matter(facts={"s": "1"}, evidence={"s": "2"}),
            _matter(facts={"s": "2"}, evidence={"s": "2"}),
            Verdict.ALTERED_HERE,
        ),
        (
            _matter(facts={"s": "1"}),
            _matter(facts={"s": "2"}, evidence={"s": "1"}),
            Verdict.ALTERED_THERE,
        ),
        (_matter(), _matter(altered={THEM: [1]}), Verdict.ALTERED_THERE),
    ],
)  # fmt: skip
def test_a_difference_is_named_for_what_it_means(here, there, verdict):
    theirs = {there.name: there} if there else {}
    found = comparing.judge({here.name: here}, theirs, own=US, peer=THEM)
    assert [one.verdict for one in found] == [verdict]


def test_equal_matters_are_no_difference():
    one = {MATTER: _matter(lines={US: FIRST}, facts={"s": "1"})}
    assert comparing.judge(one, one, own=US, peer=THEM) == []


def test_the_tree_tells_where_two_sides_differ():
    many = {f"note/{n}": _matter(f"note/{n}", {US: FIRST}) for n in range(500)}
    other = {**many, "note/77": _matter("note/77", {US: SECOND})}
    one, two = matters.View(many), matters.View(other)
    prefix, asked = "", 0
    while (node := two.node(prefix)).children:
        mine, asked = one.children(prefix), asked + 1
        differ = [digit for digit, sha256 in node.children.items() if mine[digit] != sha256]
        assert len(differ) == 1
        prefix += differ[0]
    assert "note/77" in {one.name for one in node.matters}
    assert asked <= 2
    assert matters.View(dict(reversed(list(many.items())))).root == one.root
