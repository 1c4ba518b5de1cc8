"""Words for the exchange between deployments."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.exchange import (
    cargo_filings,
    cargo_incidents,
    cargo_keys,
    cargo_notices,
    cargo_recalls,
    cargo_reports,
    witnessing,
)
from roadworthy.domains.exchange.comparing import Verdict
from roadworthy.domains.exchange.states import Halt, MessageAct, MessageState, PeerAct, PeerState
from roadworthy.portals.shared.shapes import Chip, Text, Tone

ACTS: Mapping[StrEnum, Text] = {
    PeerAct.CONFIRM: _("confirm"),
    PeerAct.SUSPEND: _("suspend"),
    PeerAct.RESUME: _("resume"),
    PeerAct.END: _("end"),
    MessageAct.APPLY: _("apply"),
    MessageAct.WAIT: _("wait"),
    MessageAct.FAIL: _("fail"),
    MessageAct.RETRY: _("try again"),
    MessageAct.SET_ASIDE: _("set aside"),
}
PEERS: Mapping[str, Chip] = {
    PeerState.PROPOSED: Chip(Tone.DUE, pgettext_lazy("peer", "To be compared")),
    PeerState.CONFIRMED: Chip(Tone.MET, pgettext_lazy("peer", "Confirmed")),
    PeerState.SUSPENDED: Chip(Tone.BROKEN, pgettext_lazy("peer", "Suspended")),
    PeerState.ENDED: Chip(Tone.IDLE, pgettext_lazy("peer", "Ended")),
}
MESSAGES: Mapping[str, Chip] = {
    MessageState.RECEIVED: Chip(Tone.LIVE, pgettext_lazy("message", "Received")),
    MessageState.WAITING: Chip(Tone.DUE, pgettext_lazy("message", "Waiting")),
    MessageState.APPLIED: Chip(Tone.MET, pgettext_lazy("message", "Taken effect")),
    MessageState.DEAD: Chip(Tone.BROKEN, pgettext_lazy("message", "Cannot take effect")),
    MessageState.SET_ASIDE: Chip(Tone.IDLE, pgettext_lazy("message", "Set aside")),
}
HALTS: Mapping[str, Text] = {
    Halt.CONFLICT: _(
        "Two different messages claim the same place. Both are kept; talk to the other side."
    ),
    Halt.DEAD_LETTER: _("A message cannot take effect; the next ones wait behind it."),
    Halt.REFUSED_THERE: _("The other side refuses a message."),
    Halt.HALTED_THERE: _("The other side has halted this line."),
}
VERDICTS: Mapping[str, Text] = {
    Verdict.ON_ITS_WAY: _("Messages are on their way."),
    Verdict.MISSING_THERE: _("They lack messages of ours; these are sent again."),
    Verdict.MISSING_HERE: _("We lack messages of theirs; these are fetched."),
    Verdict.LOST_HERE: _("They have messages of ours that are gone here; these are fetched back."),
    Verdict.LOST_THERE: _("Messages of theirs are gone there; they can fetch them from us."),
    Verdict.ALTERED_HERE: _("Altered here: what is stored is not what was signed."),
    Verdict.ALTERED_THERE: _(
        "Altered there, as their deployment itself says: what it stores is not what was signed."
    ),
    Verdict.UNEQUAL: _("The two sides differ, and neither's evidence shows which was altered."),
}
REASONS: Mapping[str, Text] = {
    "file-missing": _("A file that it names has not come yet."),
    "earlier-filing-missing": _("The filing that it replaces has not come yet."),
}
# What a matter is, by the first part of its name; the rest is what people call it.
_MATTERS: Mapping[str, Text] = {
    cargo_filings.MATTER: _("Filing {name}"),
    cargo_incidents.MATTER: _("Incident {name}"),
    cargo_keys.MATTER: _("Keys of {name}"),
    cargo_notices.MATTER: _("Decisions about {name}"),
    cargo_recalls.NOTICE: _("SAMR's notice {name}"),
    cargo_recalls.RECALL: _("Supervision of the recall filed as {name}"),
    cargo_reports.MATTER: _("Test report {name}"),
    "deployment": _("Deployment {name}"),
    witnessing.MATTER: _("Log {name}"),
}
_LOG = 8  # characters by which people tell logs apart
KINDS: Mapping[str, Text] = {
    "filing.submitted": pgettext_lazy("message", "Filing handed in"),
    "filing.withdrawn": pgettext_lazy("message", "Filing withdrawn"),
    "filing.candidate": pgettext_lazy("message", "Metadata to be signed"),
    "filing.decided": pgettext_lazy("message", "Decision on a filing"),
    "filing.countersigned": pgettext_lazy("message", "Signature on metadata"),
    "question.asked": pgettext_lazy("message", "Question"),
    "question.answered": pgettext_lazy("message", "Answer"),
    "question.taken-back": pgettext_lazy("message", "Question taken back"),
    "decision.noticed": pgettext_lazy("message", "Notice of another authority's decision"),
    "report.handed-over": pgettext_lazy("message", "Test report"),
    "report.revoked": pgettext_lazy("message", "Test report revoked"),
    "incident.reported": pgettext_lazy("message", "Report of an incident"),
    "incident.acknowledged": pgettext_lazy("message", "Acknowledgement of an incident report"),
    "incident.asked": pgettext_lazy("message", "Question about an incident"),
    "incident.answered": pgettext_lazy("message", "Answer about an incident"),
    "recall-notice.issued": pgettext_lazy("message", "SAMR asks to investigate"),
    "recall-notice.continued": pgettext_lazy("message", "SAMR's next step with its notice"),
    "recall-notice.arrived": pgettext_lazy("message", "Word that SAMR's notice has arrived"),
    "recall-notice.served": pgettext_lazy("message", "Day on which SAMR's notice came otherwise"),
    "recall-notice.answered": pgettext_lazy("message", "The manufacturer's answer to SAMR"),
    "recall.supervised": pgettext_lazy("message", "What SAMR writes about a recall"),
    "keys.changed": pgettext_lazy("message", "Change of signing keys"),
    "deployment.greeting": pgettext_lazy("message", "What the deployment understands"),
    "checkpoint.published": pgettext_lazy("message", "New size of its log"),
    "checkpoint.wanted": pgettext_lazy("message", "Request for a proof of our log"),
    "checkpoint.cosigned": pgettext_lazy("message", "Cosignature on our log"),
}


_UNKNOWN = pgettext_lazy("message", "Message of a kind unknown here")


def matter(name: str) -> str:
    """Say what a matter is and what people call it: "filing/F-1" is "Filing F-1"."""
    kind, _slash, rest = name.partition("/")
    if kind == witnessing.MATTER:
        rest = rest.rpartition("/")[2][:_LOG]
    return str(_MATTERS[kind]).format(name=rest) if kind in _MATTERS else name


def kind(name: str) -> Text:
    """Say what a kind of message is."""
    return KINDS.get(name, _UNKNOWN)


# Why a peer could not be reached, as those who call it note it; the rest is for technicians.
_TROUBLES: Mapping[str, Text] = {
    "it does not take us for a confirmed peer, or has not that": _(
        "It does not take us for a confirmed peer, or has suspended us. Talk to its people."
    ),
    "another certificate answers there": _(
        "Another certificate than the confirmed one answers there. Talk to its people."
    ),
    "it keeps nothing of what we send": _("It keeps nothing of what we send."),
    "a fault of ours; see the log": _("A fault of this deployment: the log of the exchange tells."),
}


def trouble(noted: str) -> tuple[Text, str]:
    """Say why a peer could not be reached, and the words of the network, if they are all we know.

    Nothing at all is said when nothing was noted.
    """
    if not noted:
        return "", ""
    if noted in _TROUBLES:
        return _TROUBLES[noted], ""
    return _("It cannot be reached. It is tried again by itself, less and less often."), noted
