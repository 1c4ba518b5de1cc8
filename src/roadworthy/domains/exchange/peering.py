"""Get to know other deployments: enter a card, compare, confirm; suspend or end.

Nothing is sent to a peer, and nothing is taken from it, before a person has compared the
fingerprint of its card with what the peer's people say it is.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import (
    NameTaken,
    NoSuchPeer,
    PeerExists,
    ReasonMissing,
    WrongFingerprint,
)
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.exchange.states import PEER, PeerAct, PeerState
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.trust import cards
from roadworthy.trust.cards import Card

LONGEST_REASON = 500


@transaction.atomic(durable=True)
def enter(content: bytes, *, actor: Actor, at: datetime) -> Peer:
    """Enter the card of another deployment; it stays a proposal until somebody confirms it.

    The card of a known peer brings its new address and announces its new keys.

    Raises:
        NotAMember, NoExchange.
        CardMalformed, MessageNotSigned: it is no card, or was changed.
        NameTaken: it is our own.
        PeerExists: a peer of that name has another key or certificate.
        OrganisationExists, AuthorityExists, PurposeDoesNotFit, AnothersKey.
    """
    by = _ours(actor)
    card = cards.open_card(content).card
    if card.name == identity.own().name:
        raise NameTaken(name=card.name)
    known = living().select_for_update(no_key=True).filter(name=card.name).first()
    if known is not None:
        if known.fingerprint != card.fingerprint:
            raise PeerExists(name=card.name)
        _announce(known.organisation, card, by, at)
        known.url, known.card = card.url, content.strip()
        known.save(update_fields=["url", "card"])
        return known
    organisation = remote.enter(
        slug=card.organisation.slug,
        kind=Kind(card.organisation.kind),
        name=card.organisation.name,
        deployment=card.name,
        actor=by,
        at=at,
    )
    _announce(organisation, card, by, at)
    return _entered(card, content.strip(), organisation, by, at)


def living() -> QuerySet[Peer]:
    """Return the peers that were not ended."""
    return Peer.objects.exclude(state=PeerState.ENDED)


@transaction.atomic(durable=True)
def confirm(*, name: str, fingerprint: str, actor: Actor, at: datetime) -> Peer:
    """Confirm a peer, and the keys on its card: somebody has compared the fingerprint.

    Raises:
        NotAMember, NoSuchPeer, WrongState, WrongRole.
        WrongFingerprint: it is another than that of the card here.
        KeyExists: a key of its organisation is in the way.
    """
    by = _ours(actor)
    peer = _locked(name)
    after = PEER.next_state(PeerState(peer.state), PeerAct.CONFIRM, actor.role)
    if cards.spoken(fingerprint) != peer.fingerprint:
        raise WrongFingerprint(name=name)
    peer.confirmed_at = at
    waiting = {one.keyid for one in remote.announced(peer.organisation_id)}
    for key in cards.open_card(bytes(peer.card)).card.keys:
        if key.keyid in waiting:
            remote.confirm(keyid=key.keyid, actor=by, at=at)
    return _move(peer, after, PeerAct.CONFIRM, by, at, "confirmed_at")


@transaction.atomic(durable=True)
def suspend(*, name: str, reason: str, actor: Actor, at: datetime) -> Peer:
    """Stop sending to a peer and taking from it; what waits for it waits on.

    Raises:
        NotAMember, NoSuchPeer, WrongState, WrongRole, ReasonMissing.
    """
    return _stop(name, PeerAct.SUSPEND, reason, actor, at)


@transaction.atomic(durable=True)
def resume(*, name: str, actor: Actor, at: datetime) -> Peer:
    """Go on with a suspended peer.

    Raises:
        NotAMember, NoSuchPeer, WrongState, WrongRole.
    """
    by = _ours(actor)
    peer = _locked(name)
    after = PEER.next_state(PeerState(peer.state), PeerAct.RESUME, actor.role)
    peer.attempts, peer.next_at = 0, None
    return _move(peer, after, PeerAct.RESUME, by, at, "attempts", "next_at")


@transaction.atomic(durable=True)
def end(*, name: str, reason: str, actor: Actor, at: datetime) -> Peer:
    """End a peer for good; a deployment set up anew comes with a new card.

    Raises:
        NotAMember, NoSuchPeer, WrongState, WrongRole, ReasonMissing.
    """
    return _stop(name, PeerAct.END, reason, actor, at)


def connected() -> tuple[Peer, ...]:
    """Return the confirmed peers, by name."""
    return tuple(living().filter(state=PeerState.CONFIRMED).order_by("name"))


def certificates() -> set[str]:
    """Return the CAs of the peers that may connect, as PEM."""
    confirmed = living().filter(state=PeerState.CONFIRMED)
    return set(confirmed.values_list("certificate", flat=True))


def _stop(name: str, act: PeerAct, reason: str, actor: Actor, at: datetime) -> Peer:
    by = _ours(actor)
    peer = _locked(name)
    after = PEER.next_state(PeerState(peer.state), act, actor.role)
    if not reason.strip():
        raise ReasonMissing
    peer.stopped_because = reason.strip()[:LONGEST_REASON]
    return _move(peer, after, act, by, at, "stopped_because")


def _ours(actor: Actor) -> Witnessed:
    """Return the platform, or a person of the organisation that this deployment serves."""
    by = witnessed(actor)
    if actor.role != Role.PLATFORM and actor.organisation_id != identity.own().organisation_id:
        raise NoSuchPeer
    return by


def _locked(name: str) -> Peer:
    peer = (
        living()
        .select_for_update(no_key=True, of=("self",))
        .select_related("organisation")
        .filter(name=name)
        .first()
    )
    if peer is None:
        raise NoSuchPeer
    return peer


def _announce(organisation: Organisation, card: Card, by: ledger.Named, at: datetime) -> None:
    remote.announce(
        organisation_id=organisation.pk,
        keys=[
            remote.PublicKey(KeyPurpose(one.purpose), one.keyid, one.public) for one in card.keys
        ],
        actor=by,
        at=at,
    )


def _entered(
    card: Card, content: bytes, organisation: Organisation, by: ledger.Named, at: datetime
) -> Peer:
    peer = Peer.objects.create(
        name=card.name,
        organisation=organisation,
        url=card.url,
        card=content,
        exchange_key=card.exchange_key,
        keyid=card.key.keyid,
        certificate=card.certificate,
        leaf_sha256=card.leaf_sha256,
        log=card.log,
        witness=card.witness,
        fingerprint=card.fingerprint,
        added_at=at,
    )
    _record("peer:entered", peer, by, at, fingerprint=peer.fingerprint, keyid=peer.keyid)
    return peer


def _move(
    peer: Peer,
    after: PeerState,
    act: PeerAct,
    by: ledger.Named,
    at: datetime,
    *fields: str,
) -> Peer:
    before = peer.state
    peer.state = after
    peer.save(update_fields=["state", *fields])
    _record(
        "peer:state:changed",
        peer,
        by,
        at,
        action=act,
        before=before,
        after=after,
        fingerprint=peer.fingerprint,
    )
    return peer


def _record(event: str, peer: Peer, by: ledger.Named, at: datetime, **data: str) -> None:
    ledger.record(event=event, subject=f"peer/{peer.name}", actor=by, at=at, data=data)
