"""Which keys a label asks for, and the use of one's own key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from securesystemslib.signer import Key, Signer

from roadworthy.domains.filings.errors import NotYourKey
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import ATTESTED, KeyPurpose
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import rulebook
from roadworthy.trust import dsse
from roadworthy.trust.dsse import PredicateType
from roadworthy.trust.keys import Keystore, key_from_dict

PURPOSE_OF_FILING = {
    Kind.CAPABILITY: KeyPurpose.RECEIPT,
    Kind.TYPE: KeyPurpose.RECEIPT,
    Kind.ACTIVITY: KeyPurpose.RECEIPT,
    Kind.MARKET_ACCESS: KeyPurpose.ACCESS_PERMIT,
    Kind.PRODUCT_CHANGE: KeyPurpose.PRODUCT_CHANGE_PERMIT,
    Kind.ACCESS_PERMIT: KeyPurpose.ACCESS_PERMIT,
    Kind.RECALL_PLAN: KeyPurpose.RECALL_PLAN,
    Kind.IMPLEMENTATION_REPORT: KeyPurpose.RECEIPT,
    Kind.STAGE_REPORT: KeyPurpose.RECEIPT,
    Kind.RECALL_STAGE_REPORT: KeyPurpose.RECEIPT,
    Kind.RECALL_FINAL_REPORT: KeyPurpose.RECEIPT,
}

PREDICATE_OF_PURPOSE = {
    KeyPurpose.RECEIPT: PredicateType.FILING_RECEIPT,
    KeyPurpose.PRODUCT_CHANGE_PERMIT: PredicateType.PRODUCT_CHANGE_PERMIT,
    KeyPurpose.ACCESS_PERMIT: PredicateType.ACCESS_PERMIT,
    KeyPurpose.RECALL_PLAN: PredicateType.RECALL_PLAN_ACCEPTANCE,
    KeyPurpose.TEST_REPORT: PredicateType.TEST_REPORT,
    **dict.fromkeys(ATTESTED.values(), PredicateType.ATTESTED_RECEIPT),
}


def party_name(party: str, purpose: str) -> str:
    """Name a signer as the metadata does: "miit.receipt"."""
    return f"{party}.{purpose}"


def signer_of(filing: Filing) -> tuple[Organisation, KeyPurpose]:
    """Return whose key signs the acceptance of a filing today, and for what it is.

    Of an authority that answers on paper the manufacturer's, and its purpose says so.
    """
    purpose = PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    if filing.authority.is_attested:
        return filing.manufacturer, ATTESTED[Party(filing.authority.kind), purpose]
    return filing.authority, purpose


def party_of(filing: Filing) -> str:
    """Name, as the metadata does, who signs the acceptance of a filing today."""
    organisation, purpose = signer_of(filing)
    return party_name(organisation.kind, purpose)


def receipt_key(filing: Filing) -> SigningKey | None:
    """Return the key that a receipt says it is signed with, if it could sign such a receipt.

    The authority's own, or the one by which the manufacturer attested it: whichever it was then,
    though it be revoked by now.
    """
    purpose = PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    instead = ATTESTED[Party(filing.authority.kind), purpose]
    try:
        named = dsse.signer_ids(filing.receipt.encode())
    except dsse.EnvelopeMalformed:  # nobody signed what cannot be read
        return None
    for keyid in named:
        key = organisations.key(keyid)
        if key is not None and (key.organisation_id, key.purpose) in {
            (filing.authority_id, purpose),
            (filing.manufacturer_id, instead),
        }:
            return key
    return None


def party_of_receipt(filing: Filing) -> str:
    """Name who signed a filing's receipt."""
    key = receipt_key(filing)
    return party_name(key.organisation.kind, key.purpose) if key else party_of(filing)


def parties(
    manufacturer: Organisation, labels: Iterable[str], *, as_of: date
) -> dict[str, SigningKey | None]:
    """Return whose signature a release with these labels needs, with the key of each today."""
    needed: dict[str, SigningKey | None] = {}
    for signer in rulebook().signers([Label(label) for label in labels], as_of=as_of):
        party, purpose = Party(signer.party), KeyPurpose(signer.purpose)
        organisation = manufacturer
        if party != Party.MANUFACTURER:
            organisation = organisations.authority(party) or manufacturer
        if organisation.is_attested:
            organisation, purpose = manufacturer, ATTESTED[party, purpose]
            party = Party.MANUFACTURER
        key = None
        if organisation.kind == party:
            key = organisations.live_key(organisation.pk, purpose)
        needed[party_name(party, purpose)] = key
    return needed


def own_key(actor: Actor, purpose: KeyPurpose) -> SigningKey:
    """Return the actor's key for that purpose.

    Raises:
        NotYourKey: the organisation has none, or another person holds it.
    """
    key = organisations.live_key(actor.organisation_id or 0, purpose)
    if key is None or key.holder_id != actor.user_id:
        raise NotYourKey(purpose=purpose)
    return key


def open_own(
    actor: Actor, purpose: KeyPurpose, passphrase: str, keystore: Keystore
) -> tuple[SigningKey, Signer]:
    """Open the actor's key with the passphrase that they just gave.

    Raises:
        NotYourKey, WrongPassphrase.
    """
    key = own_key(actor, purpose)
    return key, keystore.signer(key.keyid, passphrase)


def public(key: SigningKey) -> Key:
    """Return the key as TUF and DSSE take it."""
    return key_from_dict(key.public)
