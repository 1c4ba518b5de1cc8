"""A release of another deployment, entered here as a draft with everything that belongs to it.

One transaction: a release comes in whole or not at all. Types, ECUs and institutions are matched
by the names that both deployments use; what is not known here is named and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any, Protocol

from django.db import IntegrityError, transaction

from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import content as contents
from roadworthy.domains.software import questionnaire, services
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Change, Evidence, Release
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.errors import Forbidden, Invalid

_CHUNK = 1 << 20


class NotAnEngineer(Forbidden):
    code = "restore-not-an-engineer"
    message = "Only a release engineer takes a release in."


class OtherManufacturer(Invalid):
    code = "restore-other-manufacturer"
    message = "This is a release of {manufacturer}, not of your organisation."


class TypesUnknown(Invalid):
    code = "restore-types-unknown"
    message = "These vehicle types are not registered here: {codes}. Register them first."


class InstitutionUnknown(Invalid):
    code = "restore-institution-unknown"
    message = "{filename} is signed by the institution {institution}, which is not known here."


class SignatureNotGood(Invalid):
    code = "restore-signature-not-good"
    message = "{filename}: the signature is not that of {institution} as it is known here."


class Malformed(Invalid):
    code = "restore-malformed"
    message = "dossier.json is not the content of a release: {reason}."


class Files(Protocol):
    """Where the bytes are: each is asked for by its name and digest."""

    def document(self, filename: str, sha256: str) -> IO[bytes]: ...

    def image(self, filename: str, sha256: str) -> IO[bytes]: ...

    def envelope(self, sha256: str) -> str: ...


@transaction.atomic(durable=True)
def restore(
    content: Mapping[str, Any],
    files: Files,
    *,
    manufacturer_id: int,
    images: ImageStore,
    archive_sha256: str,
    actor: Actor,
    at: datetime,
) -> tuple[Release, str]:
    """Enter a release as a draft; return it with the digest of its content here.

    ``content`` has the form of ``content.of``.

    Raises:
        NotAMember, NotAnEngineer, OtherManufacturer, TypesUnknown, Malformed.
        ReleaseNumberTaken, NoSuchEcu, InstitutionUnknown, SignatureNotGood, BadFilename.
        UnknownAnswer, WrongAnswer.
    """
    by = witnessed(actor)
    if actor.role != Role.RELEASE_ENGINEER or actor.organisation_id != manufacturer_id:
        raise NotAnEngineer
    manufacturer = Organisation.objects.get(pk=manufacturer_id)
    try:
        if content["manufacturer"] != manufacturer.slug:
            raise OtherManufacturer(manufacturer=content["manufacturer"])
        release = _release(content, manufacturer, actor, at)
        for one in content["changes"]:
            _change(release, one, files, images, at)
        for one in content["evidence"]:
            _evidence(release, one, files, images, at)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Malformed(reason=repr(wrong)) from None
    services.log(
        "release:restored",
        release,
        by,
        at,
        number=release.number,
        dossier_sha256=archive_sha256,
    )
    return release, contents.sha256(release)


def _release(
    content: Mapping[str, Any], manufacturer: Organisation, actor: Actor, at: datetime
) -> Release:
    codes = [one["code"] for one in content["types"]]
    types = vehicles.types(manufacturer.pk).filter(code__in=codes)
    unknown = sorted(set(codes) - {one.code for one in types})
    if unknown or not codes:
        raise TypesUnknown(codes=", ".join(unknown) or "-")
    planned = content["planned_on"]
    try:
        with transaction.atomic():
            release = Release.objects.create(
                manufacturer=manufacturer,
                number=content["number"],
                title=dict(content["title"]),
                description=dict(content["description"]),
                answers=questionnaire.check(content["answers"]),
                planned_on=date.fromisoformat(planned) if planned else None,
                registered_by_id=actor.person_id,
                registered_at=at,
            )
    except IntegrityError:
        raise services.ReleaseNumberTaken(number=content["number"]) from None
    release.types.set(types)
    return release


def _change(
    release: Release, one: Mapping[str, Any], files: Files, images: ImageStore, at: datetime
) -> None:
    known = vehicles.hardware_ids(_types(release), one["ecu"])
    if one["hardware_id"] not in known:
        raise services.NoSuchEcu(ecu=f"{one['ecu']} ({one['hardware_id']})")
    image = one["image"]
    with files.image(image["filename"], image["sha256"]) as file:
        stored = services.store_image(
            release.manufacturer, image["filename"], _chunks(file), images, at
        )
    Change.objects.create(
        release=release,
        ecu_name=one["ecu"],
        hardware_id=one["hardware_id"],
        from_version=one["from"],
        to_version=one["to"],
        image=stored,
    )


def _evidence(
    release: Release, one: Mapping[str, Any], files: Files, images: ImageStore, at: datetime
) -> None:
    slug, filename = one["institution"], one["filename"]
    institution = organisations.by_slug(slug) if slug else None
    if slug and institution is None:
        raise InstitutionUnknown(filename=filename, institution=slug)
    envelope = files.envelope(one["sha256"]) if slug else ""
    if institution is not None:
        try:
            services.check_attested(envelope, institution.pk, one["sha256"])
        except (Invalid, Forbidden):
            raise SignatureNotGood(filename=filename, institution=slug) from None
    with files.document(filename, one["sha256"]) as file:
        digests = services.keep_file(filename, _chunks(file), images)
    Evidence.objects.create(
        release=release,
        kind=one["kind"],
        title=one["title"],
        filename=filename,
        sha256=digests.sha256,
        length=digests.length,
        envelope=envelope,
        institution=institution,
        added_at=at,
    )


def _types(release: Release) -> Any:
    return VehicleType.objects.filter(pk__in=release.types.values("pk"))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_CHUNK), b"")
