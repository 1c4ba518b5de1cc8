"""Lessons, the same pages in each portal: the list, one proposal, its steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import lessons
from roadworthy.domains.recalls.lessons import Proposal
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.states import LESSON, LessonAct, LessonState
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, recall_words, stories
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Choice, DayField, Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_HISTORY = 20


class LessonFilter(FilterForm):
    search = Search(label=_later("Number or what would change"))
    state = forms.ChoiceField(label=_later("State"))


class WriteForm(Form):
    """A proposal to change something, with what it comes from."""

    kind = Choice(label=_later("What would change"), choices=list(recall_words.LESSONS.items()))
    target = forms.CharField(
        max_length=120,
        label=_later("Its name"),
        help_text=_later(
            "The number of a rule (RCL-04), the name of a parameter (recall_plan_period), the key "
            "of an instrument (GB 44496)"
        ),
    )
    value = forms.CharField(
        required=False, max_length=40, label=_later("Proposed value of the parameter")
    )
    title_zh = forms.CharField(label=_later("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_later("Title in English"), max_length=120)
    proposal_zh = forms.CharField(
        label=_later("Proposal and its reasons, in Chinese"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
    )
    proposal_en = forms.CharField(
        label=_later("Proposal and its reasons, in English"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
    )

    def proposal(self) -> Proposal:
        given = self.cleaned_data
        return Proposal(
            kind=given["kind"],
            target=given["target"],
            title={"zh-hans": given["title_zh"], "en": given["title_en"]},
            proposal={"zh-hans": given["proposal_zh"], "en": given["proposal_en"]},
            value=given["value"],
        )


class DecideForm(Form):
    words = forms.CharField(
        label=_later("Reason"), max_length=LONGEST, widget=forms.Textarea({"rows": 4})
    )


class AdoptForm(DecideForm):
    adopted_as = forms.CharField(label=_later("Changed text"), max_length=120)
    applies_from = DayField(label=_later("Applies from"))


def urls(
    space: str, base: str, readers: tuple[Role, ...], writers: tuple[Role, ...]
) -> list[URLPattern]:
    """Return the pages for one portal."""
    found = for_roles(*readers)
    return [
        path("lessons/", found(never_cache(_listed(space, base, writers))), name="lessons"),
        path(
            "lessons/write/",
            for_roles(*writers or readers)(never_cache(_written(space, base))),
            name="lesson-write",
        ),
        path("lessons/<int:lesson_id>/", found(never_cache(_shown(space, base))), name="lesson"),
        path(
            "lessons/<int:lesson_id>/do/<str:act>/",
            found(never_cache(_stepped(space, base))),
            name="lesson-act",
        ),
        path("lessons/<int:lesson_id>/parameter.yaml", found(_exported), name="lesson-parameter"),
    ]


def _listed(space: str, base: str, writers: tuple[Role, ...]) -> Any:
    def lessons_page(request: Signed) -> HttpResponse:
        """List the proposals."""
        may = request.acting.role in writers
        choices = {"state": [(str(key), chip.text) for key, chip in recall_words.LESSON.items()]}
        nothing = Empty(
            _("Nothing is proposed"),
            _("A defect, a recall or an incident can end in a proposal to change a text."),
        )
        found = listing(
            request,
            lambda **filters: lessons.readable(request.acting.actor, **filters),
            nothing=nothing,
            form=LessonFilter(request, choices),
        )
        context = {
            "base": base,
            "listing": found,
            "rows": [_row(one, space) for one in found.page],
            "new": Button(_("Propose a change"), reverse(f"{space}:lesson-write"), "primary")
            if may
            else None,
        }
        return render(request, "shared/lessons.html", context)

    return lessons_page


def _written(space: str, base: str) -> Any:
    def write(request: Signed) -> HttpResponse:
        """Write a proposal; ``?source=defect/12`` names what it comes from."""
        source = request.GET.get("source", "")
        form = WriteForm(request.POST or None)
        if form.stay_or():
            number = source.removeprefix("defect/")
            about = int(number) if source.startswith("defect/") and number.isdecimal() else None
            try:
                made = lessons.write(
                    proposal=form.proposal(),
                    source=source[:60] or "–",
                    defect_id=about,
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                )
            except DomainError as error:
                fields = {"lesson-wrong-target": "target", "lesson-wrong-value": "value"}
                errors.on_form(form, error, fields)
            else:
                return HttpResponseRedirect(reverse(f"{space}:lesson", args=[made.pk]))
        return _ask(request, form, _("Propose a change"), space, base)

    return write


def _shown(space: str, base: str) -> Any:
    def lesson(request: Signed, lesson_id: int) -> HttpResponse:
        """Show one proposal and what became of it."""
        one = lessons.lesson(request.acting.actor, lesson_id)
        acts = LESSON.available(LessonState(one.state), request.acting.role)
        context = {
            **_row(one, space),
            "base": base,
            "crumbs": [Crumb(_("Lessons"), reverse(f"{space}:lessons")), Crumb(one.number)],
            "actions": [
                Button(_names()[act], reverse(f"{space}:lesson-act", args=[one.pk, act]))
                for act in acts
            ],
            "parameter": reverse(f"{space}:lesson-parameter", args=[one.pk])
            if one.kind == lessons.PARAMETER
            else "",
            "events": stories.events(ledger.latest_about(f"lesson/{one.pk}", _HISTORY)),
        }
        return render(request, "shared/lesson.html", context)

    return lesson


def _stepped(space: str, base: str) -> Any:
    def act(request: Signed, lesson_id: int, act: str) -> HttpResponse:
        """Take a step of the state table."""
        one = lessons.lesson(request.acting.actor, lesson_id)
        if act not in set(LessonAct):
            raise Http404
        wanted = LessonAct(act)
        plain = {LessonAct.PROPOSE, LessonAct.WITHDRAW}
        kind = Form if wanted in plain else AdoptForm if wanted == LessonAct.ADOPT else DecideForm
        form = kind(request.POST if request.method == "POST" else None)
        if form.stay_or():
            try:
                lessons.take(
                    wanted,
                    lesson_id=one.pk,
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                    **form.cleaned_data,
                )
            except DomainError as error:
                errors.on_form(form, error)
            else:
                return HttpResponseRedirect(reverse(f"{space}:lesson", args=[one.pk]))
        return _ask(request, form, _names()[wanted], space, base, one)

    return act


def _exported(request: Signed, lesson_id: int) -> HttpResponse:
    """Give the proposed value as a parameter file."""
    one = lessons.lesson(request.acting.actor, lesson_id)
    response = HttpResponse(lessons.parameter_file(one), content_type="text/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.target}.yaml"'
    return response


def _row(one: Any, space: str) -> dict[str, Any]:
    return {
        "lesson": one,
        "kind": recall_words.LESSONS[one.kind],
        "chip": recall_words.LESSON[LessonState(one.state)],
        "href": reverse(f"{space}:lesson", args=[one.pk]),
        "rule": reverse("p:law-rule", args=[one.target]) if one.kind == lessons.REQUIREMENT else "",
    }


def _names() -> dict[LessonAct, str]:
    return {
        LessonAct.PROPOSE: _("Propose it to MIIT"),
        LessonAct.RETURN: _("Give it back"),
        LessonAct.TAKE_UP: _("Take it up"),
        LessonAct.ADOPT: _("The changed text applies"),
        LessonAct.REFUSE: _("Refuse it"),
        LessonAct.WITHDRAW: _("Withdraw it"),
    }


def _ask(
    request: Signed, form: Any, heading: str, space: str, base: str, about: Any = None
) -> HttpResponse:
    home = reverse(f"{space}:lessons")
    back = reverse(f"{space}:lesson", args=[about.pk]) if about else home
    crumbs = [Crumb(_("Lessons"), home), *([Crumb(about.number, back)] if about else [])]
    context = {
        "base": base,
        "form": form,
        "heading": heading,
        "back": back,
        "crumbs": [*crumbs, Crumb(heading)],
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)
