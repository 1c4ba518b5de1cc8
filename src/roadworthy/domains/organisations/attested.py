"""Authorities that answer on paper: how one becomes attested, and how it joins.

An attested authority has no people, no live keys and no deployment of its own. What it answers is
attested by an officer of the manufacturer, with a key that says so; never by its own.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import services
from roadworthy.domains.organisations.models import Membership, Organisation, SigningKey
from roadworthy.kernel.errors import Conflict


class ActsAlready(Conflict):
    code = "organisation-acts-already"
    message = (
        "{organisation} has people, keys or a deployment of its own: what it decides is its own "
        "to sign, and nobody attests it."
    )


@transaction.atomic
def attest(*, organisation_id: int, actor: ledger.Named, at: datetime) -> Organisation:
    """Let an authority's answers be attested, as nobody acts for it here or elsewhere.

    The next key ceremony lets attested signatures count; doing it twice changes nothing.

    Raises:
        NoSuchOrganisation, OnlyAuthoritiesAttested.
        ActsAlready: it has people, live keys or a deployment.
    """
    organisation = services.organisation_of(organisation_id)
    if organisation.kind not in services.AUTHORITIES:
        raise services.OnlyAuthoritiesAttested(
            organisation=organisation.slug, kind=organisation.kind
        )
    acts = (
        organisation.is_remote
        or Membership.objects.filter(organisation=organisation).exists()
        or SigningKey.objects.filter(organisation=organisation, revoked_at=None).exists()
    )
    if acts:
        raise ActsAlready(organisation=organisation.slug)
    return _answers(organisation, "organisation:attested", True, "", actor, at)


@transaction.atomic
def join(
    *, organisation_id: int, actor: ledger.Named, at: datetime, deployment: str = ""
) -> Organisation:
    """Let an attested authority act for itself: here, or at the deployment of that name.

    From now on nobody attests what it answers; the next key ceremony puts its own keys in their
    place. What was attested stays so. Doing it twice changes nothing.

    Raises:
        NoSuchOrganisation.
        ActsAlready: it was not attested, and acts elsewhere than is said.
    """
    organisation = services.organisation_of(organisation_id)
    if not organisation.is_attested and organisation.deployment != deployment:
        raise ActsAlready(organisation=organisation.slug)
    return _answers(organisation, "organisation:joined", False, deployment, actor, at)


def _answers(
    organisation: Organisation,
    event: str,
    is_attested: bool,  # noqa: FBT001
    deployment: str,
    actor: ledger.Named,
    at: datetime,
) -> Organisation:
    if organisation.is_attested == is_attested:
        return organisation
    organisation.is_attested, organisation.deployment = is_attested, deployment
    organisation.save(update_fields=["is_attested", "deployment"])
    ledger.record(
        event=event,
        subject=f"organisation/{organisation.slug}",
        actor=actor,
        at=at,
        data={"deployment": deployment} if deployment else {},
    )
    return organisation
