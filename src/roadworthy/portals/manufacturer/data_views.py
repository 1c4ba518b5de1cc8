"""The register of data processing: items with their versions, notices, consents, recipients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.disclosure import queries as disclosure
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import exporting, implied, queries, register
from roadworthy.domains.processing.states import Purpose
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import data_forms, flow_picture
from roadworthy.portals.shared import data_words as words
from roadworthy.portals.shared import errors, formats
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

READERS = (Role.DATA, Role.COMPLIANCE_OFFICER)
FIELDS = {
    "item-code-taken": "code",
    "recipient-code-taken": "code",
    "no-such-country": "country",
    "assessment-taken": "number",
    "not-personal": "personal",
    "only-always": "periods",
    "no-such-group": "code",
    "in-a-group": "code",
    "no-such-vin": "vin",
    "not-checked": "checked",
}


class ItemFilter(FilterForm):
    search = Search(label=_later("Name or short name"))


@for_roles(*READERS)
def items(request: Signed) -> HttpResponse:
    """Show the register: the picture of the flows, and every item."""
    who = request.acting
    may = who.role == Role.DATA
    new = Button(_("Enter a data item"), reverse("m:data-enter"), "primary")
    nothing = Empty(
        _("The register is empty"),
        _("Enter what the vehicles collect; then declare where it goes."),
        (new,) if may else (),
    )
    found = listing(
        request,
        lambda **filters: queries.items(who.organisation_id, **filters),
        nothing=nothing,
        form=ItemFilter(request),
        per_page=50,
    )
    flows = list(queries.flows(who.organisation_id, sort="item"))
    heads = (_("Vehicle"), _("China"), _("Abroad"))
    context = {
        "listing": found,
        "rows": [_row(version, flows) for version in found.page],
        "picture": flow_picture.picture(flows, heads),
        "new": new if may else None,
        "recipients": list(queries.recipients(who.organisation_id)),
        "profile": queries.profile(who.organisation_id),
        "may": may,
    }
    return render(request, "manufacturer/data.html", context)


@for_roles(*READERS)
def item(request: Signed, code: str) -> HttpResponse:
    """Show an item: what it says now, where it goes, what people are told and asked, versions."""
    mine = request.acting.organisation_id
    found = queries.item(mine, code)
    versions = list(queries.versions(found.pk))
    notice = queries.notice_of(found.pk)
    flows = [f for f in queries.flows(mine, sort="number") if f.item.item_id == found.pk]
    context = {
        "item": found,
        "version": versions[0],
        "about": _about(versions[0]),
        "versions": [(one, _about(one)) for one in versions[1:]],
        "notice": _told(notice) if notice else (),
        "notice_version": notice,
        "consents": [(words.PURPOSES[one.purpose], one) for one in queries.consent_forms(found.pk)],
        "flows": flow_rows(flows),
        "unlabelled": [_unlabelled(one) for one in sorted(implied.unlabelled(versions[0]))],
        "may": request.acting.role == Role.DATA,
        "crumbs": [Crumb(_("Data register"), reverse("m:data")), Crumb(code)],
    }
    return render(request, "manufacturer/data_item.html", context)


@for_roles(Role.DATA)
def enter(request: Signed) -> HttpResponse:
    """Enter an item."""
    form = _item_form(request)

    def write() -> HttpResponse:
        made = register.enter_item(
            code=form.cleaned_data["code"],
            entry=form.entry,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(reverse("m:data-item", args=[made.item.code]))

    return answer(request, form, write, _("Enter a data item"), reverse("m:data"))


@for_roles(Role.DATA)
def change(request: Signed, code: str) -> HttpResponse:
    """Write the next version of an item."""
    found = queries.item(request.acting.organisation_id, code)
    last = queries.versions(found.pk)[0]
    form = _item_form(request, entry=register.entry_of(last), code=code)
    back = reverse("m:data-item", args=[code])

    def write() -> HttpResponse:
        register.change_item(
            code=code, entry=form.entry, actor=request.acting.actor, at=datetime.now(UTC)
        )
        messages.success(request, _("The next version is written. Declare its flows again."))
        return HttpResponseRedirect(back)

    heading = _("Change {code}").format(code=code)
    return answer(request, form, write, heading, back)


@for_roles(Role.DATA)
def notice(request: Signed, code: str) -> HttpResponse:
    """Write what people are told about an item."""
    found = queries.item(request.acting.organisation_id, code)
    last = queries.notice_of(found.pk)
    form = data_forms.NoticeForm(request.POST or None, content=last.content if last else None)
    back = reverse("m:data-item", args=[code])

    def write() -> HttpResponse:
        register.write_notice(
            code=code, content=form.content, actor=request.acting.actor, at=datetime.now(UTC)
        )
        return HttpResponseRedirect(back)

    return answer(request, form, write, _("What people are told"), back)


@for_roles(Role.DATA)
def consent(request: Signed, code: str) -> HttpResponse:
    """Write how consent to an item for one purpose is asked for."""
    queries.item(request.acting.organisation_id, code)
    form = data_forms.ConsentFormForm(request.POST or None)
    back = reverse("m:data-item", args=[code])

    def write() -> HttpResponse:
        values = form.cleaned_data
        register.write_consent_form(
            code=code,
            purpose=Purpose(values["purpose"]),
            words={"zh-hans": values["words_zh"], "en": values["words_en"]},
            periods=values["periods"],
            offers_always=values["offers_always"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(back)

    return answer(request, form, write, _("How consent is asked for"), back)


@for_roles(Role.DATA)
def recipient(request: Signed) -> HttpResponse:
    """Enter somebody who receives data."""
    form = data_forms.RecipientForm(request.POST or None)

    def write() -> HttpResponse:
        values = dict(form.cleaned_data)
        name = {"zh-hans": values.pop("name_zh"), "en": values.pop("name_en")}
        made = register.enter_recipient(
            **values, name=name, actor=request.acting.actor, at=datetime.now(UTC)
        )
        messages.success(request, _("{code} is entered.").format(code=made.code))
        return HttpResponseRedirect(reverse("m:data") + "#recipients")

    return answer(request, form, write, _("Enter a recipient"), reverse("m:data"))


@for_roles(Role.DATA)
def statement(request: Signed) -> HttpResponse:
    """State what the rules have to know about the company."""
    was = queries.profile(request.acting.organisation_id)
    initial = None
    if was:
        initial = {
            "critical_infrastructure": was.critical_infrastructure,
            "responsible": was.responsible,
            "user_contact": was.user_contact,
            "province": was.province,
            "protection_zh": was.protection.get("zh-hans", ""),
            "protection_en": was.protection.get("en", ""),
        }
    form = data_forms.StatementForm(request.POST or None, initial=initial)

    def write() -> HttpResponse:
        values = dict(form.cleaned_data)
        words_of = {"zh-hans": values.pop("protection_zh"), "en": values.pop("protection_en")}
        exporting.state(
            statement=exporting.Statement(**values, protection=words_of),
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(reverse("m:data"))

    return answer(request, form, write, _("About our company"), reverse("m:data"))


def answer(
    request: Signed,
    form: forms.Form,
    write: Callable[[], HttpResponse],
    heading: str,
    back: str,
    lead: str = "",
    home: Crumb | None = None,
) -> HttpResponse:
    """Write what a form says; one that cannot be used comes back with all that was typed."""
    if form.is_bound and form.is_valid():
        try:
            return write()
        except DomainError as error:
            here = {code: name for code, name in FIELDS.items() if name in form.fields}
            errors.on_form(form, error, here)
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "submit": _("Save"),
        "crumbs": [home or Crumb(_("Data register"), reverse("m:data")), Crumb(heading)],
        "back": back,
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def flow_rows(flows: Any) -> list[dict[str, Any]]:
    """Return flows as lines of a table."""
    return [
        {
            "flow": one,
            "item": one.item.name,
            "chip": words.FLOW[one.state],
            "outcome": words.OUTCOMES[one.outcome],
            "purpose": words.PURPOSES[one.purpose],
            "place": words.PLACES[one.processed_in],
            "country": words.country(one.recipient.country) if one.recipient else "",
            "is_stale": one.newest > one.item.number,
        }
        for one in flows
    ]


def _item_form(request: Signed, **known: Any) -> data_forms.ItemForm:
    mine = request.acting.organisation_id
    return data_forms.ItemForm(
        request.POST or None,
        types=list(vehicles.types(mine)),
        functions=list(disclosure.functions(mine)),
        **known,
    )


def _row(version: Any, flows: list[Any]) -> dict[str, Any]:
    mine = [flow for flow in flows if flow.item.item_id == version.item_id]
    return {
        "version": version,
        "kind": words.KINDS[version.kind],
        "categories": _categories(version),
        "flows": len(mine),
        "abroad": any(f.recipient and f.recipient.country != "CN" for f in mine),
    }


def _categories(version: Any) -> list[Any]:
    found = [words.IMPORTANT[one] for one in version.important or ()]
    found += [words.SENSITIVE[one] for one in version.sensitive]
    if not found and version.personal:
        found.append(_("Personal information"))
    if version.important is None:
        found.append(_("not examined for important data"))
    return found or [_("neither personal nor important")]


def _about(version: Any) -> list[tuple[Any, Any]]:
    rows = [
        (_("What a value looks like"), words.KINDS[version.kind]),
        (_("Where it comes about"), words.ORIGINS[version.origin]),
        (_("Categories"), _listed(_categories(version))),
        (_("Whose information it is"), _listed(words.SUBJECTS[one] for one in version.subjects)),
        (_("Persons"), "" if version.persons is None else f"{version.persons:,}"),
        (_("Precision"), version.precision),
        (_("Derived from"), ", ".join(version.derived_from)),
        (_("Control units"), ", ".join(version.ecus)),
        (_("Vehicle types"), ", ".join(one.code for one in version.types.all())),
        (_("Functions"), ", ".join(one.code for one in version.functions.all())),
        (_("Marked as important data"), _("Yes") if version.marked_important else _("No")),
    ]
    return [(name, value) for name, value in rows if value]


def _listed(texts: Any) -> str:
    return _(", ").join(str(one) for one in texts)


def _told(notice: Any) -> list[tuple[Any, str]]:
    language = "zh-hans" if formats.is_chinese() else "en"
    return [(words.NOTICE[key], text) for key, text in notice.content.get(language, {}).items()]


def _unlabelled(key: str) -> Any:
    return {
        "personal": _("personal information"),
        "outside": _("shows persons outside the vehicle"),
    }.get(key) or words.SENSITIVE[key]
