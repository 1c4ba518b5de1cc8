"""What an item is by its shape, whatever its label says.

A position tells a track, a recording from the cockpit shows or lets hear those inside, a picture
of the outside shows whoever passes. Who enters it as something harmless is answered for what it is.
"""

from __future__ import annotations

from roadworthy.domains.processing.models import Flow, ItemVersion
from roadworthy.domains.processing.states import Anonymised, Important, Sensitive
from roadworthy.egress.policy import Kind, Origin

_RECORDED = {
    Kind.AUDIO: Sensitive.AUDIO,
    Kind.VIDEO: Sensitive.VIDEO,
    Kind.PICTURE: Sensitive.IMAGE,
}
_SEEN = frozenset({Kind.PICTURE, Kind.VIDEO})


def shows_outside(item: ItemVersion) -> bool:
    """Say whether it can show persons outside the vehicle."""
    looks_out = item.origin == Origin.EXTERIOR and item.kind in _SEEN
    return item.shows_persons_outside or looks_out


def sensitive(item: ItemVersion) -> frozenset[Sensitive]:
    """Return the kinds of sensitive information in it: those entered and those of its shape."""
    found = set(map(Sensitive, item.sensitive))
    kind = Kind(item.kind)
    if kind is Kind.POSITION:
        found.add(Sensitive.TRACK)
    if kind in _RECORDED and (item.origin == Origin.COCKPIT or shows_outside(item)):
        found.add(_RECORDED[kind])
    if kind is Kind.AUDIO:
        found.add(Sensitive.AUDIO)
    return frozenset(found)


def personal(item: ItemVersion) -> bool:
    """Say whether it is information about persons."""
    return item.personal or bool(sensitive(item))


def anonymised(flow: Flow) -> bool:
    """Say whether the persons outside are made unrecognisable before the data leave."""
    return shows_outside(flow.item) and flow.anonymised not in {"", Anonymised.NONE}


def sensitive_in(flow: Flow) -> frozenset[Sensitive]:
    """Return the sensitive information that the flow carries.

    Who was made unrecognisable is no subject any more (PIPL, Article 4), so what the cameras see
    outside takes no consent then; what else is in it stays what it is.
    """
    found = sensitive(flow.item)
    return found - {Sensitive.IMAGE, Sensitive.VIDEO} if anonymised(flow) else found


def personal_in(flow: Flow) -> bool:
    """Say whether the flow carries information about persons."""
    return flow.item.personal or bool(sensitive_in(flow))


def counts_persons(flow: Flow) -> bool:
    """Say whether the persons of a flow count as exported; who cannot be recognised does not."""
    return personal_in(flow) and not (anonymised(flow) and not sensitive_in(flow))


def important(flow: Flow) -> frozenset[Important] | None:
    """Return the categories of important data that the flow carries; None: nobody examined it."""
    item = flow.item
    found = None if item.important is None else set(map(Important, item.important))
    if shows_outside(item) and not anonymised(flow):
        found = (found or set()) | {Important.EXTERIOR_FACES_PLATES}
    return None if found is None else frozenset(found)


def unlabelled(item: ItemVersion) -> frozenset[str]:
    """Return what its shape says and its label leaves out, by the rulebook's names."""
    left_out = {str(one) for one in sensitive(item) - set(map(Sensitive, item.sensitive))}
    if personal(item) and not item.personal:
        left_out.add("personal")
    if shows_outside(item) and not item.shows_persons_outside:
        left_out.add("outside")
    return frozenset(left_out)
