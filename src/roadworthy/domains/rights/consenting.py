"""Consent of a person to one item for one purpose: for a period of their own, and withdrawn.

The gateways are told in the same transaction; the vehicle's filter asks them before it sends.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Witnessed, commitment
from roadworthy.domains.processing.models import ConsentForm, Notice
from roadworthy.domains.rights import delivering, errors
from roadworthy.domains.rights.models import Consent
from roadworthy.domains.rights.services import behind
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.calendar import legal_day

_SALT = 16  # bytes


@dataclass(frozen=True, slots=True)
class Offered:
    """One item and purpose that a person can consent to, and whether they have."""

    form: ConsentForm
    name: dict[str, str]
    notice: Notice | None
    consent: Consent | None


def offered(token: str, *, on: date) -> tuple[Offered, ...]:
    """Return what the holder of a link can consent to, with what stands.

    Raises:
        NoSuchLink: the token is unknown.
    """
    vehicle = behind(token)
    forms = _forms(vehicle)
    standing = {
        one.form_id: one
        for one in Consent.objects.filter(vehicle=vehicle, withdrawn_at__isnull=True).filter(
            Q(until__isnull=True) | Q(until__gte=on)
        )
    }
    found = []
    for form in forms:
        version = form.item.versions.order_by("-number").first()
        notice = form.item.notices.order_by("-number").first()
        name = version.name if version else {}
        found.append(Offered(form, name, notice, standing.get(form.pk)))
    return tuple(found)


@transaction.atomic(durable=True)
def give(*, token: str, form_id: int, days: int | None, language: str, at: datetime) -> Consent:
    """Consent for so many days of those that are offered; None: until it is withdrawn.

    Raises:
        NoSuchLink, NoSuchConsent.
        NotOffered: the period is none of those that the person was shown.
    """
    vehicle = behind(token)
    form = next((one for one in _forms(vehicle) if one.pk == form_id), None)
    if form is None:
        raise errors.NoSuchConsent
    if days not in form.periods and not (days is None and form.offers_always):
        raise errors.NotOffered
    Vehicle.objects.select_for_update(no_key=True).only("pk").get(pk=vehicle.pk)
    Consent.objects.filter(vehicle=vehicle, form=form, withdrawn_at__isnull=True).update(
        withdrawn_at=at  # a new period takes the place of the old one
    )
    made = Consent.objects.create(
        vehicle=vehicle,
        form=form,
        language=language,
        given_at=at,
        until=None if days is None else legal_day(at) + timedelta(days=days),
        salt=secrets.token_bytes(_SALT),
    )
    _log("data-consent:given", made, vehicle, at)
    delivering.publish(vehicle)
    return made


@transaction.atomic(durable=True)
def withdraw(*, token: str, consent_id: int, at: datetime) -> Consent:
    """Withdraw a consent; from now on nothing of the item leaves for that purpose.

    Raises:
        NoSuchLink, NoSuchConsent.
    """
    vehicle = behind(token)
    found = (
        Consent.objects.select_for_update(no_key=True, of=("self",))
        .select_related("form__item")
        .filter(pk=consent_id, vehicle=vehicle, withdrawn_at__isnull=True)
        .first()
    )
    if found is None:
        raise errors.NoSuchConsent
    found.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    _log("data-consent:withdrawn", found, vehicle, at)
    delivering.publish(vehicle)
    return found


def standing(vehicle_id: int, item_code: str, purpose: str, *, on: date) -> bool:
    """Say whether a vehicle's owner consents to an item for a purpose on a day."""
    return (
        Consent.objects.filter(
            vehicle_id=vehicle_id,
            form__item__code=item_code,
            form__purpose=purpose,
            withdrawn_at__isnull=True,
        )
        .filter(Q(until__isnull=True) | Q(until__gte=on))
        .exists()
    )


def _forms(vehicle: Vehicle) -> list[ConsentForm]:
    """Return the newest form of each item and purpose of the vehicle's manufacturer."""
    found = (
        ConsentForm.objects.select_related("item")
        .filter(item__manufacturer_id=vehicle.manufacturer_id)
        .order_by("item__code", "purpose", "-number")
        .distinct("item__code", "purpose")
    )
    return list(found)


def _log(event: str, consent: Consent, vehicle: Vehicle, at: datetime) -> None:
    """Write a step into the ledger: the salted commitment of a consent, and of nobody."""
    by = Witnessed("owner", None, commitment(bytes(vehicle.salt), f"vehicle/{vehicle.pk}"))
    ledger.record(
        event=event,
        subject=f"data-item/{consent.form.item_id}",
        actor=by,
        at=at,
        data={
            "purpose": consent.form.purpose,
            "form_sha256": consent.form.sha256,
            "consent": commitment(bytes(consent.salt), f"consent/{consent.pk}"),
        },
    )
