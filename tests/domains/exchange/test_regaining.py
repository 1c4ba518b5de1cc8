"""An authority put back to yesterday lets hold again what others remember of its own words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from roadworthy.domains.exchange import applying, collecting, inbox, recovering, regaining
from roadworthy.domains.exchange.known import REGISTRY
from roadworthy.domains.exchange.models import Incoming, Line, Outgoing, Peer, Regaining
from roadworthy.domains.filings import questions
from roadworthy.domains.filings.models import Filing, Question, RemoteSignature
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import services as people
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from tests.domains.exchange import deployments
from tests.domains.exchange.deployments import Deployment
from tests.domains.exchange.federation import Federation


@contextmanager
def yesterday(federation: Federation, kind: Kind = Kind.MIIT) -> Iterator[Deployment]:
    """A deployment as it is now, to be put in its place later."""
    now = federation.every[kind]
    home = now.platform.home.with_name("yesterday")
    shutil.copytree(now.platform.home, home)
    database = f"{now.database}_yesterday"
    with deployments.copies({database: now.database}, connection.settings_dict):
        yield now.moved(database, home)


def put_back(federation: Federation, one: Deployment) -> None:
    """Let the deployment of yesterday stand for today's, and fetch what its peers have."""
    federation.every[one.kind] = one
    for other in federation.every.values():
        if other.name != one.name:
            fetch(federation, one, other)
    with one.inside():
        applying.turn(one.here, at=federation.tick)


def fetch(federation: Federation, one: Deployment, other: Deployment) -> None:
    said: dict[str, list[bytes]] = {one.name: [], other.name: []}
    with other.inside():
        peer = Peer.objects.get(name=one.name)
        for line in Line.objects.filter(peer=peer).order_by("pk"):
            sender = one.name if line.direction == Line.IN else other.name
            said[sender] += recovering.copies(
                other.identity, peer, matter=line.matter, sender=sender, first=1
            )
    with one.inside():
        peer = Peer.objects.get(name=other.name)
        recovering.take_back(one.identity, peer, said[one.name], at=federation.tick())
        inbox.store(peer, said[other.name], own_name=one.name, at=federation.tick())
        federation._fetch(other, one)


def stood(federation: Federation) -> object:
    """What MIIT has, in the form in which it must come back."""
    with federation.miit.inside():
        return (
            sorted(Filing.objects.values_list("number", "state", "receipt", "dossier__sha256")),
            sorted(Question.objects.values_list("id", "text", "answer", "state")),
            sorted(
                (one["sig"], sha256)
                for one, sha256 in RemoteSignature.objects.values_list(
                    "signature", "candidate__sha256"
                )
            ),
            sorted(Outgoing.objects.values_list("line__matter", "sequence", "sha256")),
        )


def asked_and_returned(federation: Federation, filing: Filing) -> None:
    """Ask twice, take one back, be answered, and send the filing back: it comes again."""
    miit, reviewer = federation.miit, federation.miit.actors[Role.MIIT_REVIEWER]
    with miit.inside():
        for text in ("Which manual?", "Never mind."):
            asked = questions.ask(
                filing_id=Filing.objects.get(number=filing.number).pk,
                text=text,
                actor=reviewer,
                at=federation.tick(),
            )
        questions.take_back(question_id=asked.pk, actor=reviewer, at=federation.tick())
    federation.post()
    with federation.maker.inside():
        (question,) = questions.open_for_manufacturer(filing.manufacturer_id)
        questions.answer(
            question_id=question.pk,
            text="SUMS manual 3.1",
            actor=federation.world.actor(Role.HOMOLOGATION),
            at=federation.tick(),
        )
    federation.post()


def test_what_it_decided_signed_and_asked_since_holds_again(federation: Federation) -> None:
    federation.through(FilingKind.CAPABILITY)
    with yesterday(federation) as before:
        with federation.maker.inside():
            filing = federation.filed(FilingKind.TYPE)[Kind.MIIT]
        federation.post()
        asked_and_returned(federation, filing)
        federation.accept(filing.number, Kind.MIIT)
        with federation.maker.inside():
            samr = Filing.objects.get(
                dossier__sha256=filing.dossier.sha256, authority__kind=Kind.SAMR
            )
        federation.accept(samr.number, Kind.SAMR)
        federation.post()
        with federation.maker.inside():
            release = federation.world.signed()
        federation.through(FilingKind.ACTIVITY, release)
        had = stood(federation)
        put_back(federation, before)
        assert stood(federation) == had
        with federation.miit.inside():
            assert not Regaining.objects.filter(done_at=None).exists()
            assert not Incoming.objects.exclude(state="applied").exists()
            told = Outgoing.objects.count()
        # Nobody hears anything twice, and what comes next finds everything in its place.
        assert federation.post() == 0
        with federation.miit.inside():
            assert Outgoing.objects.count() == told
        with federation.maker.inside():
            later = federation.world.signed()
        federation.through(FilingKind.ACTIVITY, later)
        assert not any(federation.dead(one) for one in federation.every.values())
        with federation.maker.inside():
            later.refresh_from_db()
            assert later.state == "released"


def test_a_key_that_was_revoked_since_signs_nothing_more(federation: Federation) -> None:
    with yesterday(federation) as before:
        with federation.miit.inside():
            key = organisations.live_key(federation.miit.organisation().pk, KeyPurpose.RECEIPT)
            people.revoke_key(keyid=key.keyid, actor=witnessed(PLATFORM), at=federation.tick())
        federation.post()
        put_back(federation, before)
        with federation.miit.inside():
            assert SigningKey.objects.get(keyid=key.keyid).revoked_at is not None


def test_what_its_own_key_did_not_sign_is_not_believed_of_itself(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yesterday(federation) as before:
        with federation.maker.inside():
            filing = federation.filed(FilingKind.CAPABILITY)[Kind.MIIT]
        federation.post()
        federation.accept(filing.number, Kind.MIIT)
        federation.post()
        with before.inside():  # the key with which it was signed is not there
            SigningKey.objects.filter(purpose=KeyPurpose.RECEIPT).update(
                revoked_at=federation.tick()
            )
        put_back(federation, before)
        with before.inside():
            (row,) = Regaining.objects.filter(message__kind="filing.decided")
            assert (row.done_at, row.error["code"]) == (None, "receipt-refused")
            assert Filing.objects.get(number=filing.number).state == "submitted"
            at = row.taken_back_at + regaining.PATIENCE + timedelta(hours=1)
            regaining.turn(REGISTRY, at=at)
            row.refresh_from_db()
            assert row.next_at is None
            assert Entry.objects.filter(event="exchange:not-regained").count() == 1
            collecting.collect()
