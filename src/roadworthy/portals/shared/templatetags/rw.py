"""Components as template tags. Each writes the markup of the style's gallery, roles included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms import BoundField
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import data_words, formats, words
from roadworthy.portals.shared.shapes import BarPart, Chip, Label, LoopStep, Step

register = template.Library()

register.filter("digest", formats.digest)
register.filter("size", formats.size)
register.filter("localised", formats.localised)
register.filter("full_moment", formats.full_moment)
register.filter("country", data_words.country)
register.filter("long_day", formats.long_day)
register.filter("fact", formats.as_text)


@register.filter
def number(value: float | None) -> str:
    """Write a whole number with separators; a dash when there is none."""
    return formats.number(value)


@register.filter
def standard_title(standard: Any) -> str:
    """Name a standard in the reader's language, or in the one that is there."""
    return formats.localised({"zh-hans": standard.title_zh, "en": standard.title_en})


@register.filter
def language_of(code: str) -> str:
    """Return a language's tag as HTML writes it."""
    return {"zh-hans": "zh-Hans"}.get(code, code)


@register.simple_tag
def space() -> str:
    """Part two sentences: a space in English, nothing in Chinese."""
    return "" if formats.is_chinese() else " "


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of the sprite's signs; the word stands beside it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def chip(value: Chip) -> SafeString:
    """Show where something is in its process."""
    return format_html('<span class="chip" data-tone="{}">{}</span>', value.tone, value.text)


@register.simple_tag
def outcome(key: str, count: int | None = None) -> SafeString:
    """Show an outcome with its own shape; with a count, the word is for listeners only."""
    word = words.OUTCOMES[key]
    inner = (
        format_html(" {}", word)
        if count is None
        else format_html(' {}<span class="vh"> {}</span>', count, word)
    )
    return format_html('<span class="outcome" data-outcome="{}">{}{}</span>', key, icon(key), inner)


@register.simple_tag
def law_label(value: Label) -> SafeString:
    """Show a legal label: square, serif, with its seal; dashed while undetermined."""
    return format_html(
        '<span class="label" data-label="{}"{}>'
        '<b class="seal" aria-hidden="true">{}</b>{}{}</span>',
        value.key,
        mark_safe(" data-maybe") if value.maybe else "",
        value.seal,
        value.text,
        format_html('<span class="vh"> {}</span>', _("(undetermined)")) if value.maybe else "",
    )


@register.simple_tag
def law_labels(values: Sequence[Label]) -> SafeString:
    """Show the legal labels of something, or say that there is none."""
    if not values:
        return format_html('<span class="faint">{}</span>', _("none"))
    return format_html(
        '<span class="labels">{}</span>',
        format_html_join("", "{}", ((law_label(v),) for v in values)),
    )


@register.simple_tag
def grade(key: str) -> SafeString:
    """Show how well the text of the law has been verified; the tip says it in words."""
    if key not in words.GRADES:
        return mark_safe("")
    return format_html(
        '<a class="grade" data-grade="{0}" href="{3}#grade-{0}"><span aria-hidden="true">{0}</span>'
        '<span class="tip">{1}{2}</span></a>',
        key,
        _("Evidence grade {grade}: ").format(grade=key),
        words.GRADES[key],
        _maybe("rulebook"),
    )


@register.simple_tag
def rule_ref(rule_id: str) -> SafeString:
    """Name a rule by its id, as a link where this host has its page."""
    href = _maybe("p:law-rule", rule_id)
    named = format_html("<code>{}</code>", rule_id)
    return format_html('<a class="rule-ref" href="{}">{}</a>', href, named) if href else named


@register.simple_tag
def ring(step: int, tone: str, *, named: bool = True) -> SafeString:
    """Draw how far round the loop something is."""
    name = (
        format_html('role="img" aria-label="{}"', _("Step {n} of 12").format(n=step))
        if named
        else mark_safe('aria-hidden="true"')
    )
    circle = 'cx="12" cy="12" r="9" pathLength="12" transform="rotate(-90 12 12)"'
    on = " .3 ".join([".7"] * step) + " 12"
    drawn = f'<circle class="on" {circle} stroke-dasharray="{on}"/>' if step else ""
    return format_html(
        '<svg class="ring" data-tone="{}" viewBox="0 0 24 24" {}>{}</svg>',
        tone,
        name,
        mark_safe(f'<circle {circle} stroke-dasharray=".7 .3"/>{drawn}'),  # noqa: S308 - numbers only
    )


@register.inclusion_tag("shared/parts/loop.html")
def loop(steps: Sequence[LoopStep]) -> dict[str, Any]:
    """Draw the twelve lane markings across a page header."""
    return {"steps": [(one, words.STEP_STATES[one.state]) for one in steps]}


@register.inclusion_tag("shared/parts/loop_tall.html")
def loop_tall(steps: Sequence[LoopStep]) -> dict[str, Any]:
    """Tell the twelve steps downwards, a sentence each."""
    return {"steps": [(one, words.STEP_STATES[one.state]) for one in steps]}


@register.simple_tag
def day(value: date | None, form: str = "data") -> SafeString:
    """Write a day as ``<time>``: data, short or long."""
    if value is None:
        return mark_safe('<span class="faint">–</span>')
    write = {"data": formats.day, "short": formats.short_day, "long": formats.long_day}[form]
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), write(value))


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """Write an instant as ``<time>``, in Asia/Shanghai."""
    if value is None:
        return mark_safe('<span class="faint">–</span>')
    local = formats.in_shanghai(value)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        formats.moment(value),
    )


@register.simple_tag
def day_of(value: datetime | None) -> SafeString:
    """Write the legal day of an instant."""
    return day(formats.in_shanghai(value).date() if value else None)


@register.simple_tag
def bar(
    parts: Sequence[BarPart], mark: int | None = None, *, tall: bool = False, name: str = ""
) -> SafeString:
    """Draw shares side by side; ``mark`` is the gate."""
    height = "19" if tall else "13"
    return format_html(
        '<svg class="bar{}" {}>{}{}</svg>',
        " bar--tall" if tall else "",
        format_html('role="img" aria-label="{}"', name)
        if name
        else mark_safe('aria-hidden="true"'),
        format_html_join("", "{}", ((_part(part),) for part in parts)),
        format_html('<line class="mark-line" x1="{0}%" x2="{0}%" y1="-3" y2="{1}"/>', mark, height)
        if mark is not None
        else "",
    )


def _part(part: BarPart) -> SafeString:
    fill = 'fill="url(#hatch)"' if part.look == "hatch" else f'class="f-{part.look}"'
    return format_html(
        '<rect {} x="{}" width="{}" height="100%"/>',
        mark_safe(fill),  # noqa: S308 - one of the style sheet's fills
        part.x,
        part.width,
    )


@register.simple_tag
def swatch(look: str) -> SafeString:
    """Draw the sample of a legend."""
    return format_html('<svg aria-hidden="true">{}</svg>', _swatch(look))


def _swatch(look: str) -> SafeString:
    fill = 'fill="url(#hatch)"' if look == "hatch" else f'class="f-{look}"'
    return mark_safe(f'<rect {fill} width="14" height="10"/>')  # noqa: S308 - a fixed word


@register.simple_tag
def spark(
    values: Sequence[float], highest: float, name: str = "", *, inline: bool = False
) -> SafeString:
    """Draw a series as a line over its area; the axis starts at 0 and ends at ``highest``."""
    top = max(highest, 1)
    last = max(len(values) - 1, 1)
    points = " ".join(
        f"{'M' if n == 0 else 'L'}{100 * n / last:.2f} {100 - 100 * value / top:.2f}"
        for n, value in enumerate(values)
    )
    path = (
        f'<path class="area" d="{points} L100 100 L0 100 Z"/><path d="{points}"/>' if values else ""
    )
    return format_html(
        '<svg class="spark{}" viewBox="0 0 100 100" preserveAspectRatio="none" {}>{}</svg>',
        " spark--inline" if inline else "",
        format_html('role="img" aria-label="{}"', name)
        if name
        else mark_safe('aria-hidden="true"'),
        mark_safe(path),  # noqa: S308 - numbers only
    )


@register.inclusion_tag("shared/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Page[Any], what: str = "") -> dict[str, Any]:
    """Say which part of a list this is, and link the others."""
    elided = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "pages": [None if one == "…" else one for one in elided],
        "request": context["request"],
        "what": what,
    }


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """Return this page's address with parts of the query changed; an empty value drops one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else context["request"].path


@register.inclusion_tag("shared/parts/sort.html", takes_context=True)
def sort_header(context: template.Context, key: str, text: str, cls: str = "") -> dict[str, Any]:
    """Write a column head that sorts: a link with an address, ``aria-sort`` on the one in use."""
    current = context.get("sort") or ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(current)
    wanted = key if current == f"-{key}" else f"-{key}"
    return {
        "direction": direction,
        "href": with_query(context, sort=wanted, page=""),
        "text": text,
        "cls": cls,
    }


@register.simple_tag
def portal_url(name: str, *args: Any) -> str:
    """Return the address of another portal's page, or nothing where this host has none."""
    return _maybe(name, *args)


def _maybe(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.filter
def kind(field: BoundField) -> str:
    """Say how a field is laid out: radio, checks, check or input."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    return "check" if isinstance(widget, forms.CheckboxInput) else "input"


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Look a key up."""
    return mapping.get(key)


@register.filter
def is_todo(step: LoopStep) -> bool:
    """Say whether a step has not begun."""
    return step.state == Step.TODO


@register.simple_tag
def role_name(role: str) -> str:
    """Name a role."""
    return str(words.ROLES[Role(role)])
