"""A filing before an authority that answers on paper: what its page shows, and what is next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.filings import attested, queries
from roadworthy.domains.filings.states import State
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import formats, words
from roadworthy.portals.shared.shapes import Button, Next, Tone


def context(found: Any) -> dict[str, Any]:
    """Return what was entered about a filing, newest first, and whether more will be."""
    return {
        "on_paper": [(one, words.FILING[State(one.decision)]) for one in attested.of_filing(found)],
        "is_attested": found.authority.is_attested,
    }


def next_of(found: Any, role: Role) -> Next | None:
    """Return the officer's next step with a filing; None where nothing waits for them."""
    if not found.authority.is_attested:
        return None
    authority = words.party(found.authority.kind)
    mine = role == Role.COMPLIANCE_OFFICER
    turn = (
        ""
        if mine
        else _("This is for the {role}.").format(role=words.ROLES[Role.COMPLIANCE_OFFICER])
    )
    if found.state == State.SUBMITTED:
        href = reverse("m:filing-attest", args=[found.pk])
        button = Button(_("Enter the authority's answer"), href, "primary")
        why = _("{authority} answers on paper or on its own site.").format(authority=authority)
        what = _("enter what the authority answered.")
        return Next(Tone.LIVE, what, formats.sentences(why, turn), button if mine else None)
    if queries.lacks_signature(found):
        href = reverse("m:filing-attest-sign", args=[found.pk])
        button = Button(_("Sign the metadata"), href, "primary")
        why = _(
            "Your signature stands in the place of {authority}'s, and the metadata says so."
        ).format(authority=authority)
        what = _("sign the metadata of the release.")
        return Next(Tone.LIVE, what, formats.sentences(why, turn), button if mine else None)
    return None
