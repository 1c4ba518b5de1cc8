"""Set up a deployment: keys, organisations, people, the key ceremony.

Who can run these commands on the host acts as the platform; each step is in the ledger.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from roadworthy import stores
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.filings import ceremony as key_ceremony
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import attested as attesting
from roadworthy.domains.organisations import queries, services
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role

if TYPE_CHECKING:
    from roadworthy.domains.organisations.models import Organisation

offline = click.password_option(
    "--offline-passphrase",
    prompt="Passphrase of the offline keys (root, targets)",
    confirmation_prompt=False,
    help="Of the offline keys; asked for when left out.",
)


@click.command()
@click.password_option(
    "--offline-passphrase",
    prompt="New passphrase for the offline keys (root, targets)",
    help="For the offline keys; asked for when left out.",
)
def init(*, offline_passphrase: str) -> None:
    """Make the platform's keys and the first metadata of the image repository.

    Move the two offline key files to a safe place afterwards; they are needed for ceremonies only.
    """
    platform = Platform.create(
        stores.home(),
        online_passphrase=stores.online_passphrase(),
        offline_passphrase=offline_passphrase,
    )
    key_ceremony.initialise(
        platform=platform, offline_passphrase=offline_passphrase, at=datetime.now(UTC)
    )
    click.echo(f"Keys are in {stores.home() / 'keys'}; the repository is in {platform.tuf}.")


@click.command()
@click.argument("slug")
@click.option("--kind", type=click.Choice(list(Kind)), required=True)
@click.option("--name-zh", required=True, help="Name in Chinese.")
@click.option("--name-en", required=True, help="Name in English.")
@click.option("--tenant", help="For a manufacturer: the name in its vehicles' gateway address.")
@click.option(
    "--attested",
    "is_attested",
    is_flag=True,
    help="For an authority that answers on paper: a compliance officer attests what it answered.",
)
def organisation(
    *,
    slug: str,
    kind: str,
    name_zh: str,
    name_en: str,
    tenant: str | None,
    is_attested: bool,
) -> None:
    """Enter an organisation under a short name."""
    entered = services.create_organisation(
        slug=slug,
        kind=Kind(kind),
        name={"zh-hans": name_zh, "en": name_en},
        ddi_tenant=tenant,
        is_attested=is_attested,
        actor=witnessed(PLATFORM),
        at=datetime.now(UTC),
    )
    if entered.ddi_tenant:
        campaigns.publish_tenant(manufacturer_id=entered.pk)
    click.echo(f"Entered {slug}{', attested' if is_attested else ''}.")


@click.command()
@click.argument("slug")
@click.option("--undo", is_flag=True, help="It acts for itself from now on: it joins.")
@click.option(
    "--deployment", default="", help="With --undo: the name of its own deployment, if it has one."
)
def attested(*, slug: str, undo: bool, deployment: str) -> None:
    """Say that an authority answers on paper, or that it joins.

    Hold the key ceremony of each manufacturer afterwards: it writes into the metadata whose
    signatures count.
    """
    if deployment and not undo:
        raise click.UsageError("An attested authority has no deployment: --deployment with --undo.")
    organisation_id, by, at = _organisation(slug).pk, witnessed(PLATFORM), datetime.now(UTC)
    if undo:
        attesting.join(organisation_id=organisation_id, deployment=deployment, actor=by, at=at)
        click.echo(f"{slug} joins: it signs with its own keys after the next key ceremony.")
    else:
        attesting.attest(organisation_id=organisation_id, actor=by, at=at)
        click.echo(f"{slug} is attested after the next key ceremony.")


@click.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--organisation", "slug", required=True, help="Short name.")
@click.option("--role", type=click.Choice([r for r in Role if r != Role.PLATFORM]), required=True)
@click.option("--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans")
@click.password_option(help="Asked for when left out.")
def person(*, email: str, name: str, slug: str, role: str, language: str, password: str) -> None:
    """Open an account and give it a role in an organisation."""
    services.hire(
        organisation_id=_organisation(slug).pk,
        email=email,
        name=name,
        password=password,
        role=Role(role),
        language=language,
        actor=witnessed(PLATFORM),
        at=datetime.now(UTC),
    )
    click.echo(f"{email} is {role} at {slug}.")


@click.command()
@click.argument("email")
@click.option("--purpose", type=click.Choice(list(KeyPurpose)), required=True)
@click.password_option("--passphrase", help="Of the new key; asked for when left out.")
def key(*, email: str, purpose: str, passphrase: str) -> None:
    """Make a signing key that only its holder's passphrase opens."""
    holder = queries.actor_of(email)
    assert holder.user_id is not None
    assert holder.organisation_id is not None
    made = services.create_key(
        organisation_id=holder.organisation_id,
        holder_id=holder.user_id,
        purpose=KeyPurpose(purpose),
        passphrase=passphrase,
        keystore=stores.platform().keystore,
        actor=witnessed(PLATFORM),
        at=datetime.now(UTC),
    )
    click.echo(f"{email} holds {made.keyid} for {purpose}.")


@click.command()
@click.argument("manufacturer")
@offline
def ceremony(*, manufacturer: str, offline_passphrase: str) -> None:
    """Write into the metadata who must sign a manufacturer's releases, by legal label."""
    roles = key_ceremony.appoint(
        manufacturer_id=_organisation(manufacturer).pk,
        platform=stores.platform(),
        offline_passphrase=offline_passphrase,
        at=datetime.now(UTC),
    )
    for role in roles:
        click.echo(role)
    click.echo(f"{len(roles)} of {len(key_ceremony.label_sets())} signing roles.")


@click.command()
@click.argument("manufacturer")
def gateway_token(*, manufacturer: str) -> None:
    """Make a new gateway token for a manufacturer's vehicles; the old one ends."""
    organisation_id = _organisation(manufacturer).pk
    token = services.set_gateway_token(
        organisation_id=organisation_id, actor=witnessed(PLATFORM), at=datetime.now(UTC)
    )
    campaigns.publish_tenant(manufacturer_id=organisation_id)
    click.echo(token)


def _organisation(slug: str) -> Organisation:
    found = queries.by_slug(slug)
    if found is None:
        raise services.NoSuchOrganisation
    return found
