"""What a reader sees when something cannot be done: a page, or a line beside a form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from roadworthy.kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)
from roadworthy.portals.shared import parking, words

STATUS: dict[type[DomainError], int] = {
    Invalid: 422,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}

# Codes of what is said about a file that was handed in, beside the field where it was.
ABOUT_A_FILE = (
    "bad-document-name",
    "empty-document",
    "document-too-large",
    "not-that-type",
    "broken-document",
    "archive-too-large",
    "document-refused",
    "scanner-failed",
)


def status_of(error: DomainError) -> int:
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def sentence(error: DomainError) -> str:
    """Say the error in the reader's language, with the words for its states and roles."""
    data = {
        name: sentence(value) if isinstance(value, DomainError) else words.datum(name, value)
        for name, value in error.data.items()
    }
    return _(error.message).format(**data)


def on_form(
    form: forms.BaseForm, error: DomainError, fields: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Show an error above a form, or beside the field that ``fields`` names for its code."""
    form.add_error(fields.get(error.code), sentence(error))


def page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer an error with a page of its own."""
    if isinstance(error, NotFound):
        return not_found(request, None)
    status = status_of(error)
    headings = {
        403: _("You cannot do this in your present role"),
        409: _("This has changed in the meantime"),
        422: _("This cannot be done as it is"),
        503: _("Something this needs is not available now"),
    }
    return _render(request, status, headings[status], sentence(error))


def not_found(request: HttpRequest, exception: Exception | None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer for what does not exist and for what is not the reader's: both look the same."""
    return _render(
        request,
        404,
        _("There is no such page"),
        _("The address may be mistyped, or what it names belongs to another organisation."),
    )


def forbidden(request: HttpRequest, exception: Exception | None) -> HttpResponse:
    """Answer a reader whose role does not include the page."""
    if isinstance(exception, DomainError):
        return page(request, exception)
    return _render(
        request,
        403,
        _("This page belongs to another role"),
        _("Choose the role in which you want to act, or ask a colleague who has it."),
    )


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django names it
    """Answer a form that was sent without the token that proves it came from here."""
    kept_at = parking.keep(request)
    if kept_at:
        return _render(
            request,
            403,
            _("This form has expired"),
            _("What you typed is kept. Sign in again; you find it in the draft."),
            way=(_("Go to the draft"), kept_at),
        )
    return _render(
        request,
        403,
        _("This form has expired"),
        _("Nothing was sent. Go back, load the page again and repeat the last step."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a bug without detail; the log has it."""
    return _render(
        request,
        500,
        _("This page has failed"),
        _("The mistake is ours and is in our log. What you did before this page is kept."),
    )


def _render(
    request: HttpRequest,
    status: int,
    heading: str,
    text: str,
    *,
    way: tuple[str, str] = ("", ""),
) -> HttpResponse:
    return render(
        request,
        "shared/error.html",
        {"status": status, "heading": heading, "text": text, "way": way},
        status=status,
    )
