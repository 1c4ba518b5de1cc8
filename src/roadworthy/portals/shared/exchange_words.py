"""Words for the exchange between deployments."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
