"""Work that the exchange with other deployments makes: what cannot go on without a person.

Only for the organisation that this deployment serves; others with an account here find none of it.
"""

from __future__ import annotations

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet, Subquery, TextField, Value

from roadworthy.domains.exchange.comparing import GRAVE
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.exchange.models import Comparison, Deployment, Incoming, Line, Peer
from roadworthy.domains.exchange.states import Halt, MessageState, PeerState
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import Lines, lines
from roadworthy.domains.worklists.items import Kind


def letters(asked: Asked) -> Lines:
    """Return the messages that came and cannot take effect."""
    found = Incoming.objects.filter(_ours(asked), state=MessageState.DEAD)
    return lines(
        asked.among(found),
        kind=Kind.LETTER,
        subject=_named("line__matter"),
        about=F("line__peer__organisation__name"),
        since=F("received_at"),
        page=("letter", F("pk")),
    )


def halted(asked: Asked) -> Lines:
    """Return the lines that stand still for another reason than a message here."""
    found = Line.objects.filter(_ours(asked)).exclude(halted__in=["", Halt.DEAD_LETTER])
    return lines(
        asked.among(found.exclude(peer__state=PeerState.ENDED)),
        kind=Kind.HALTED_LINE,
        subject=_named("matter"),
        about=F("peer__organisation__name"),
        since=F("halted_at"),
        state=F("halted"),
        page=("peer", F("peer__name")),
    )


def differing(asked: Asked) -> Lines:
    """Return the peers with which the last whole comparison found what nobody can mend but people.

    ``number`` says how many matters that is.
    """
    last = Comparison.objects.filter(peer=OuterRef("pk"), depth=Depth.FULL).order_by("-pk")
    found = _compared(Peer.objects.filter(_ours(asked), state=PeerState.CONFIRMED), last)
    return lines(
        asked.among(found),
        kind=Kind.DIFFERENCE,
        subject=F("name"),
        about=F("organisation__name"),
        number=F("how_many"),
        since=F("compared_at"),
        page=("peer", F("name")),
    )


def _compared(peers: QuerySet[Peer], last: QuerySet[Comparison]) -> QuerySet[Peer]:
    """Add when each was compared and in how much it differs; only those that do."""
    grave = Comparison.objects.filter(pk=OuterRef("compared"), found__verdict__in=list(GRAVE))
    counted = grave.values("pk").annotate(n=Count("found__matter", distinct=True))
    return (
        peers.annotate(
            compared=Subquery(last.values("pk")[:1]), compared_at=Subquery(last.values("at")[:1])
        )
        .annotate(how_many=Subquery(counted.values("n")))
        .filter(how_many__gt=0)
    )


def _ours(asked: Asked) -> Exists:
    return Exists(Deployment.objects.filter(organisation_id=asked.organisation_id))


def _named(matter: str) -> Func:
    """Return what a matter is called without its kind: "ACT-2026-0001"."""
    return Func(
        F(matter),
        Value("^[^/]*/"),
        Value(""),
        function="regexp_replace",
        output_field=TextField(),
    )
