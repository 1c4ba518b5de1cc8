"""A finding told in words: one sentence, and a text that a reader can check against the law.

Works on the stored JSON of a finding, so that an answer given years ago is still told as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.rules.text import Text

Stored = Mapping[str, Any]
_LANGUAGES = ("zh-hans", "en")

OUTCOMES = {
    "broken": {"zh-hans": "不符合", "en": "Broken"},
    "undetermined": {"zh-hans": "待定", "en": "Undetermined"},
    "met": {"zh-hans": "符合", "en": "Met"},
    "not-applicable": {"zh-hans": "不适用", "en": "Not applicable"},
}
GRADES = {
    "A": {"zh-hans": "已读官方全文", "en": "full official text read"},
    "B": {
        "zh-hans": "已读忠实副本，或多份相互一致的副本",
        "en": "a faithful copy read, or several copies that agree",
    },
    "C": {"zh-hans": "仅有摘要或单一二手来源", "en": "a digest or one secondary source only"},
    "D": {"zh-hans": "未经来源证实", "en": "no source read"},
}
UNVERIFIED = {"zh-hans": "未经人工核对", "en": "unverified"}
_VERIFIED = {"zh-hans": "已核对", "en": "verified"}
_WORDS = {
    "zh-hans": {
        "sentence": "{outcome}：{title}（{rule}）。{why}",
        "basis": "依据：{title}{number} {provision}。{text}",
        "terms": "官方用语：{terms}。",
        "dates": "成文{made}，发布{published}，施行{force}。",
        "facts": "所用事实：{items}。",
        "values": "所用数值：{items}。",
        "value": "{label}：{shown}（自{since}起，{source}）",
        "missing": "缺少的事实：{items}。",
        "grade": "证据等级{grade}（{words}），{verified}。转述为本系统用语，以官方文本为准。",
        "provisional": "其中日期为暂定：相关年份的放假安排未知。",
        "draft": "尚未施行（征求意见稿）",
        "unknown": "不详", "pair": "{label}：{shown}", "join": "；", "number": "（{number}）",
    },
    "en": {
        "sentence": "{outcome}: {title} ({rule}). {why}",
        "basis": "Basis: {title}{number}, {provision}. {text}",
        "terms": "Official terms: {terms}.",
        "dates": "Made {made}, published {published}, in force {force}.",
        "facts": "Facts used: {items}.",
        "values": "Values used: {items}.",
        "value": "{label}: {shown} (since {since}, {source})",
        "missing": "Facts missing: {items}.",
        "grade": "Evidence grade {grade} ({words}), {verified}. Our wording and an unofficial "
                 "English reading; the official Chinese text prevails.",
        "provisional": "A date in it is provisional: the holiday notice of that year is not known.",
        "draft": "never (a draft)",
        "unknown": "not known", "pair": "{label}: {shown}", "join": "; ", "number": " ({number})",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    short: Text
    long: Text


def explain(finding: Stored) -> Explanation:
    """Tell a finding, given as its JSON, in both languages."""
    short = {lang: _sentence(finding, lang) for lang in _LANGUAGES}
    long = {lang: "\n".join(_paragraphs(finding, lang)) for lang in _LANGUAGES}
    return Explanation(Text(short["zh-hans"], short["en"]), Text(long["zh-hans"], long["en"]))


def _sentence(finding: Stored, lang: str) -> str:
    return (
        _WORDS[lang]["sentence"]
        .format(
            outcome=OUTCOMES[finding["outcome"]][lang],
            title=finding["title"][lang],
            rule=finding["rule_id"],
            why=finding["why"][lang],
        )
        .strip()
    )


def _paragraphs(finding: Stored, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    yield _sentence(finding, lang)
    for cited in (finding["citation"], *finding["also"]):
        yield from _basis(cited, lang)
    if finding["facts"]:
        pairs = (_pair(fact, lang) for fact in finding["facts"])
        yield words["facts"].format(items=words["join"].join(pairs))
    if finding["missing"]:
        names = (fact["label"][lang] for fact in finding["missing"])
        yield words["missing"].format(items=words["join"].join(names))
    if finding["values"]:
        values = (_value(value, lang) for value in finding["values"])
        yield words["values"].format(items=words["join"].join(values))
    if finding["provisional"]:
        yield words["provisional"]
    yield words["grade"].format(
        grade=finding["grade"],
        words=GRADES[finding["grade"]][lang],
        verified=(_VERIFIED if finding["verified"] else UNVERIFIED)[lang],
    )


def _basis(cited: Stored, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    yield words["basis"].format(
        title=cited["title"][lang],
        number=words["number"].format(number=cited["number"]) if cited["number"] else "",
        provision=cited["provision"][lang],
        text=cited["text"][lang],
    )
    if cited["terms"]:
        terms = (f"{t['official']} ({t['english']})" for t in cited["terms"])
        yield words["terms"].format(terms=words["join"].join(terms))
    yield words["dates"].format(
        made=cited["made_on"] or words["unknown"],
        published=cited["published_on"] or words["unknown"],
        force=cited["in_force_from"] or words["draft"],
    )


def _pair(fact: Stored, lang: str) -> str:
    return _WORDS[lang]["pair"].format(label=fact["label"][lang], shown=fact["shown"][lang])


def _value(value: Stored, lang: str) -> str:
    source = value["source"]
    return _WORDS[lang]["value"].format(
        label=value["label"][lang],
        shown=value["shown"][lang],
        since=value["applies_from"],
        source=f"{source['instrument']} {source['provision'][lang]}",
    )
