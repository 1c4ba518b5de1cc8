"""Freeze a campaign: which vehicles, in which groups, who is left out and why.

* The list never changes afterwards; ``vehicles_sha256`` in the ledger commits to it without
  naming a vehicle.
* Within the list vehicles are ordered by their commitments, which look random: every group is a
  fair sample, and the order can be checked.
* The owners' links exist in clear only in the answer; the database keeps their digests.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _m

from roadworthy.domains.campaigns import access, targets
from roadworthy.domains.campaigns.models import Action, Campaign, Exclusion, Group
from roadworthy.domains.campaigns.states import CAMPAIGN, ActionState, Reason
from roadworthy.domains.campaigns.targets import LeftOut, Target
from roadworthy.domains.organisations.actors import Actor, commitment, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as ReleaseState
from roadworthy.kernel.canonical import digest
from roadworthy.kernel.errors import Conflict, Invalid, NotFound

LANGUAGES = ("zh-hans", "en")
MAY_CREATE = frozenset({Role.COMPLIANCE_OFFICER, Role.RELEASE_ENGINEER})
WHOLE = 100
_FREEZING = 7202  # advisory lock: two lists of one manufacturer are not frozen at once


class NoSuchRelease(NotFound):
    code = "no-such-release"
    message = "There is no such release."


class NotReleased(Conflict):
    code = "not-released"
    message = (
        "This release is {state}. Only a release that carries every signature its labels ask for "
        "can go to vehicles."
    )


class NoSuchVehicle(NotFound):
    code = "no-such-vehicle"
    message = "There is no such vehicle: {vehicles}."


class NoVehicles(Conflict):
    code = "no-vehicles"
    message = "The release fits none of the {considered} vehicles: {reasons}."


class BadGroups(Invalid):
    code = "bad-groups"
    message = "The groups cannot be used: {why}."


class BadLimit(Invalid):
    code = "bad-limit"
    message = "{field} must be a whole number of at least 1."


class NameMissing(Invalid):
    code = "name-missing"
    message = "The campaign needs a name in Chinese and in English."


class NotConnected(Conflict):
    code = "not-connected"
    message = "This manufacturer has no tenant at the vehicle gateway yet."


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A stage: its share of the vehicles, when the next one opens, when the campaign pauses."""

    percent: int
    success_percent: int
    error_percent: int


@dataclass(frozen=True, slots=True)
class Created:
    """The new campaign, and the owners' tokens by vehicle id: shown this once."""

    campaign: Campaign
    consent_tokens: Mapping[int, str]
    excluded: int


@transaction.atomic(durable=True)
def create_campaign(  # noqa: PLR0913 - the parts of one campaign
    *,
    manufacturer_id: int,
    release_id: int,
    name: Mapping[str, str],
    groups: Sequence[GroupPlan],
    actor: Actor,
    at: datetime,
    type_ids: Sequence[int] | None = None,
    vehicle_ids: Sequence[int] | None = None,
    rate_per_minute: int | None = None,
    time_out_hours: int = 72,
) -> Created:
    """Freeze the list of vehicles and draft the campaign.

    Without ``type_ids`` and ``vehicle_ids`` all vehicles of the release's types are considered.

    Raises:
        NotAMember, NotYourTask, NoSuchRelease, NotReleased, NotConnected.
        NameMissing, BadGroups, BadLimit.
        NoSuchVehicle: an id is not one of the manufacturer's vehicles.
        NoVehicles: every vehicle is left out.
    """
    by = witnessed(actor)
    if actor.role not in MAY_CREATE or actor.user_id is None:
        raise access.NotYourTask(roles=", ".join(sorted(MAY_CREATE)))
    release = _release(manufacturer_id, release_id, actor)
    _check_plan(name, groups, rate_per_minute, time_out_hours)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_FREEZING, manufacturer_id])
    chosen, left_out = _choose(release, type_ids, vehicle_ids)
    campaign = Campaign.objects.create(
        manufacturer_id=manufacturer_id,
        release=release,
        name={language: name[language].strip() for language in LANGUAGES},
        state=CAMPAIGN.initial,
        vehicles_sha256=digest([one for one, _ in chosen]),
        rate_per_minute=rate_per_minute,
        time_out_hours=time_out_hours,
        created_by_id=actor.user_id,
        created_at=at,
    )
    tokens = _write(campaign, groups, [target for _, target in chosen], left_out)
    access.log(
        "campaign:created",
        campaign,
        by,
        at,
        release=release.number,
        release_sha256=release.sha256,
        vehicles=len(chosen),
        vehicles_sha256=campaign.vehicles_sha256,
        excluded=dict(Counter(str(why.reason) for why in left_out.values())),
        groups=[asdict(plan) for plan in groups],
    )
    return Created(campaign, tokens, len(left_out))


@transaction.atomic(durable=True)
def renew_consent_token(*, action_id: int, actor: Actor, at: datetime) -> str:
    """Make a new link for an owner who lost theirs; the old one stops working.

    Raises:
        NoSuchCampaign: there is no such action, or it is another manufacturer's.
        NotAMember, NotYourTask.
    """
    by = witnessed(actor)
    if actor.role not in MAY_CREATE:
        raise access.NotYourTask(roles=", ".join(sorted(MAY_CREATE)))
    action = (
        Action.objects.select_for_update(no_key=True, of=("self",))
        .select_related("campaign")
        .filter(pk=action_id, campaign__manufacturer_id=actor.organisation_id)
        .first()
    )
    if action is None:
        raise access.NoSuchCampaign
    token = secrets.token_urlsafe()
    action.token_sha256 = token_digest(token)
    action.save(update_fields=["token_sha256"])
    access.log("campaign:link-renewed", action.campaign, by, at, action=action.pk)
    return token


def token_digest(token: str) -> str:
    """Return what the database keeps of an owner's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _release(manufacturer_id: int, release_id: int, actor: Actor) -> Release:
    release = Release.objects.select_related("manufacturer").filter(pk=release_id).first()
    if (
        release is None
        or release.manufacturer_id != manufacturer_id
        or actor.organisation_id != manufacturer_id
    ):
        raise NoSuchRelease
    if release.state != ReleaseState.RELEASED:
        raise NotReleased(state=release.state)
    if not release.manufacturer.ddi_tenant:
        raise NotConnected
    return release


def _check_plan(
    name: Mapping[str, str],
    groups: Sequence[GroupPlan],
    rate_per_minute: int | None,
    time_out_hours: int,
) -> None:
    if not all(name.get(language, "").strip() for language in LANGUAGES):
        raise NameMissing
    if any(not 1 <= plan.percent <= WHOLE for plan in groups):
        raise BadGroups(why=_m("the share of each must be from 1 to 100 percent"))
    if sum(plan.percent for plan in groups) != WHOLE:
        raise BadGroups(why=_m("the shares must add up to 100 percent"))
    if any(not 0 <= plan.success_percent <= WHOLE for plan in groups):
        raise BadGroups(why=_m("the success threshold must be from 0 to 100 percent"))
    if any(not 1 <= plan.error_percent <= WHOLE for plan in groups):
        raise BadGroups(why=_m("the error threshold must be from 1 to 100 percent"))
    if rate_per_minute is not None and rate_per_minute < 1:
        raise BadLimit(field="rate_per_minute")
    if time_out_hours < 1:
        raise BadLimit(field="time_out_hours")


def _choose(
    release: Release, type_ids: Sequence[int] | None, vehicle_ids: Sequence[int] | None
) -> tuple[list[tuple[str, Target]], dict[int, LeftOut]]:
    """Return the chosen vehicles under their commitments, sorted, and why others are left out."""
    fit = targets.fitting(release)
    considered = targets.candidates(
        release.manufacturer_id, sorted(fit.ecus) if type_ids is None else type_ids, vehicle_ids
    )
    if vehicle_ids is not None:
        unknown = set(vehicle_ids) - {target.vehicle_id for target in considered}
        if unknown:
            raise NoSuchVehicle(vehicles=", ".join(map(str, sorted(unknown)[:10])))
    left_out = targets.misfits(fit, considered)
    fits = [target for target in considered if target.vehicle_id not in left_out]
    for vehicle_id in targets.busy([target.vehicle_id for target in fits]):
        left_out[vehicle_id] = LeftOut(Reason.OTHER_CAMPAIGN)
    chosen = sorted(
        (commitment(target.salt, f"vehicle/{target.vehicle_id}"), target)
        for target in fits
        if target.vehicle_id not in left_out
    )
    if not chosen:
        count = Counter(str(why.reason) for why in left_out.values())
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(count.items())) or "none"
        raise NoVehicles(considered=len(considered), reasons=reasons)
    return chosen, left_out


def _write(
    campaign: Campaign,
    plans: Sequence[GroupPlan],
    chosen: Sequence[Target],
    left_out: Mapping[int, LeftOut],
) -> dict[int, str]:
    bounds, share = [0], 0
    for plan in plans:
        share += plan.percent
        bounds.append(math.ceil(len(chosen) * share / WHOLE))
    groups = Group.objects.bulk_create(
        Group(
            campaign=campaign,
            number=number,
            size=bounds[number] - bounds[number - 1],
            success_percent=plan.success_percent,
            error_percent=plan.error_percent,
        )
        for number, plan in enumerate(plans, start=1)
    )
    tokens = {target.vehicle_id: secrets.token_urlsafe() for target in chosen}
    copy = "COPY {} ({}) FROM STDIN".format(
        Action._meta.db_table,  # noqa: SLF001 - Django's documented way to a model's table
        "campaign_id, group_id, vehicle_id, state, consented, token_sha256, seen_version, detail",
    )
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        for group in groups:
            for target in chosen[bounds[group.number - 1] : bounds[group.number]]:
                token = token_digest(tokens[target.vehicle_id])
                new = (campaign.pk, group.pk, target.vehicle_id, str(ActionState.WAITING))
                rows.write_row((*new, False, token, "", ""))
    Exclusion.objects.bulk_create(
        (
            Exclusion(
                campaign=campaign,
                vehicle_id=vehicle_id,
                reason=why.reason,
                ecu_name=why.ecu_name,
                found=why.found,
            )
            for vehicle_id, why in left_out.items()
        ),
        batch_size=targets.BATCH,
    )
    return tokens
