"""The approved flows of a type as the policy of its vehicles, one change of a release like others.

A policy that vehicles follow has been classified, filed if the law asks for it, signed and rolled
out: it is the image of an ECU, and its digest is that of the image.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.processing import errors, queries
from roadworthy.domains.software import queries as releases
from roadworthy.domains.software import services as software
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.egress import policy
from roadworthy.egress.policy import Policy

# A type's code and a version may hold what a file's name cannot; two types may share a version.
FILENAME: Final = "policy-{digest:.16}.json"


def compiled(manufacturer_id: int, type_id: int, *, version: str) -> Policy:
    """Return the policy that the approved flows of a type amount to now.

    Raises:
        NoSuchType: there is none, or it is another manufacturer's.
        NoGateway: the manufacturer's vehicles have no gateway here.
        NotEnforceable: the filter cannot carry out a flow.
        CockpitLeaves, WrongPolicy: together they let out what has to stay in, or are too many.
    """
    type_ = vehicles.vehicle_type(manufacturer_id, type_id)
    if not type_.manufacturer.ddi_tenant:
        raise errors.NoGateway
    return policy.make(
        manufacturer=type_.manufacturer.ddi_tenant,
        vehicle_type=type_.code,
        version=version,
        rules=queries.approved_flows(manufacturer_id, type_id),
    )


def add_to_release(
    *,
    number: str,
    ecu_name: str,
    from_version: str,
    version: str,
    images: ImageStore,
    actor: Actor,
    at: datetime,
) -> Policy:
    """Add the policy of the release's type as the change of the ECU that follows it.

    Raises:
        NoSuchRelease: there is none, or it is another manufacturer's.
        OneType: the release is for several types, which have a policy each.
        As ``compiled`` and as ``software.services.add_change``.
    """
    release = releases.release(actor.organisation_id or 0, number)
    types = list(release.types.all()[:2])
    if len(types) != 1:
        raise errors.OneType
    made = compiled(release.manufacturer_id, types[0].pk, version=version)
    software.add_change(
        release_id=release.pk,
        ecu_name=ecu_name,
        from_version=from_version,
        to_version=version,
        filename=FILENAME.format(digest=made.digest),
        chunks=[policy.encode(made)],
        images=images,
        actor=actor,
        at=at,
    )
    return made
