"""The coverage as lines of text, in one language; a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from roadworthy.law.coverage import Act, Article, Coverage, Covered
from roadworthy.rules.text import Text

_WIDE = "WF"  # East Asian wide and fullwidth
_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_HEAD = Text(
    "规则库{version}：登记册{rows}条，已有规则{ruled}条，规则与案例齐备{complete}条；册外规则{outside}条。",
    "Rulebook {version}: the register has {rows} rows; {ruled} have a rule, {complete} a rule with "
    "every kind of case. Rules outside the register: {outside}.",
)
_MISSING = Text("尚无规则（{number}条）", "Rows without a rule ({number})")
_OUTSIDE = Text("登记册以外的规则（{number}条）", "Rules outside the register ({number})")
_LEFT = Text("有意不覆盖的条款（{number}条）", "Provisions left out on purpose ({number})")
_LAWYER = Text(
    "须由律师核对（按价值排序）", "What a lawyer still has to check, most valuable first"
)
_HANGS = Text("涉及", "rules")
_FAULTS = Text("不一致（{number}项）", "What does not agree ({number})")
_ALSO = Text("另见", "also")
_BINDS, _WATCHED = Text("有约束力", "binds"), Text("仅关注", "watch")
_UNREAD = Text("未经核对", "unverified")
_GRADE = Text("证据{grade}", "evidence {grade}")
_FROM, _DRAFT = Text("{day}起", "from {day}"), Text("草案", "draft")
_CASES = Text("{number}例", "{number} cases")
_LACKING = Text("{number}例，类型不全", "{number} cases, not every kind")


def lines(found: Coverage, lang: str) -> list[str]:
    """Return the whole table; ``lang`` is "zh" or "en"."""
    return list(_Table(found, _LANGUAGES[lang]).lines())


class _Table:
    def __init__(self, found: Coverage, language: str) -> None:
        self.found = found
        self.by_id = {one.id: one for one in (*found.rows, *found.outside)}
        self.language = language

    def say(self, words: Text, **fields: object) -> str:
        return words[self.language].format(**fields)

    def lines(self) -> Iterator[str]:
        found = self.found
        yield self.say(
            _HEAD,
            version=found.rulebook_version,
            rows=len(found.rows),
            ruled=len(found.rows) - len(found.without_rule),
            complete=found.complete,
            outside=len(found.outside),
        )
        for act in found.acts:
            yield from self.act(act)
        yield from self.section(_MISSING, [[r.id, self.say(r.title)] for r in found.without_rule])
        yield from self.section(_OUTSIDE, [self.rule(one) for one in found.outside])
        yield from self.section(
            _LEFT,
            [[e.instrument, self.say(e.provision), self.say(e.reason)] for e in found.uncovered],
        )
        yield from self.lawyer()
        yield from self.section(_FAULTS, self.faults())

    def act(self, act: Act) -> Iterator[str]:
        row = act.instrument
        since = self.since(row.in_force_from)
        read = act.verified_by or self.say(_UNREAD)
        grade = self.say(_GRADE, grade=row.grade)
        yield ""
        yield f"{row.key}  {self.say(row.title)}  [{since}, {grade}, {read}]"
        yield from _aligned([cells for article in act.articles for cells in self.article(article)])

    def article(self, article: Article) -> Iterator[list[str]]:
        name = self.say(article.provision.name)
        besides = ", ".join((*article.also, *article.others))
        note = f"({self.say(_ALSO)} {besides})" if besides else ""
        if not article.rules:
            yield [name, note or "-"]
        for number, rule_id in enumerate(article.rules):
            cells = self.rule(self.by_id[rule_id])
            yield ["" if number else name, *cells, "" if number else note]

    def rule(self, one: Covered) -> list[str]:
        rule = one.rule
        if rule is None:
            return [one.id, self.say(one.title)]
        number = sum(one.cases.values())
        return [
            one.id,
            self.say(one.title),
            self.say(_CASES if one.has_every_kind else _LACKING, number=number),
            self.say(_GRADE, grade=rule.grade),
            self.say(_BINDS if rule.binding else _WATCHED),
            self.since(rule.applies.since),
            rule.verified_by or self.say(_UNREAD),
        ]

    def since(self, day: date | None) -> str:
        return self.say(_FROM, day=day) if day else self.say(_DRAFT)

    def lawyer(self) -> Iterator[str]:
        yield from ("", self.say(_LAWYER))
        for entry in self.found.to_verify:
            yield f"  {entry.order:>2}. {self.say(entry.what)}"
            yield f"      {self.say(entry.where)}; {self.say(_HANGS)}: {', '.join(entry.rules)}"

    def faults(self) -> list[list[str]]:
        """Return what does not agree; rows without a rule stand in a section of their own."""
        missing = {row.id for row in self.found.without_rule}
        return [
            [fault.subject, self.say(fault.words)]
            for fault in self.found.faults
            if fault.subject not in missing
        ]

    def section(self, title: Text, rows: Sequence[Sequence[str]]) -> Iterator[str]:
        if rows:
            yield from ("", self.say(title, number=len(rows)))
            yield from _aligned(rows)


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    table = [list(row) for row in rows]
    columns = max((len(row) for row in table), default=0)
    widths = [max(_width(row[n]) for row in table if n < len(row)) for n in range(columns)]
    for row in table:
        cells = (cell + " " * (widths[n] - _width(cell)) for n, cell in enumerate(row))
        yield ("  " + "  ".join(cells)).rstrip()


def _width(words: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in _WIDE) for letter in words)
