"""Sentences for ledger entries. An event without one shows as its own name: nothing hides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.ledger.queries import Told
from roadworthy.portals.shared import data_stories, exchange_stories, recall_stories, words
from roadworthy.portals.shared.shapes import EventView, Tone

Sentence = Callable[[Mapping[str, Any]], str]
EVALUATED = "release:evaluated"


def event(entry: Told) -> EventView:
    """Return one line of a history."""
    tell = SENTENCES.get(entry.event)
    text = tell(entry.data) if tell else entry.event
    role = entry.actor.get("role", "")
    who = str(words.ACTORS.get(role, role)) if role else ""
    return EventView(entry.at, text, _tone(entry), entry.index, who)


def events(entries: Iterable[Told]) -> tuple[EventView, ...]:
    """Return a history. A classification that only followed from another step is not told."""
    rows = list(entries)
    steps = {one.at for one in rows if one.event != EVALUATED}
    return tuple(event(one) for one in rows if one.event != EVALUATED or one.at not in steps)


def _release_moved(data: Mapping[str, Any]) -> str:
    return {
        "freeze": _("Content frozen"),
        "reopen": _("Opened again for changes"),
        "sign": _("Manufacturer signed the metadata"),
        "release": _("Every signature is there: released"),
        "withdraw": _("Release withdrawn"),
    }.get(data.get("action", ""), str(data.get("action", "")))


def _filing_moved(data: Mapping[str, Any]) -> str:
    templates = {
        "submit": _("{number} submitted to {authority}"),
        "accept": _("{authority} accepted {number}"),
        "return": _("{authority} returned {number}"),
        "refuse": _("{authority} refused {number}"),
        "withdraw": _("{number} withdrawn"),
        "enter-acceptance": _(
            "{authority} accepted {number} under {reference}: attested by the compliance officer, "
            "not countersigned by the authority"
        ),
        "enter-return": _("{authority} returned {number} on paper under {reference}: attested"),
        "enter-refusal": _("{authority} refused {number} on paper under {reference}: attested"),
        "supersede": _("{number} gave way to its next version"),
    }
    template = templates.get(data.get("action", ""), "{number}")
    attested = data.get("attested")
    reference = attested.get("reference", "") if isinstance(attested, Mapping) else ""
    return template.format(
        number=data.get("number", ""), authority=_authority(data), reference=reference
    )


def _campaign_moved(data: Mapping[str, Any]) -> str:
    return {
        "notify": _("Owners are asked"),
        "start": _("Rollout started"),
        "pause": _("Rollout paused"),
        "resume": _("Rollout resumed"),
        "stop": _("Emergency stop"),
        "complete": _("Rollout complete"),
        "cancel": _("Rollout cancelled"),
    }.get(data.get("action") or data.get("act") or "", "")


def _text_moved(data: Mapping[str, Any]) -> str:
    templates = {
        "submit": _("Version {version} handed to homologation"),
        "return": _("Version {version} given back to its writer"),
        "approve": _("Version {version} approved"),
        "publish": _("Version {version} is public"),
        "replace": _("Version {version} is replaced"),
        "withdraw": _("Version {version} withdrawn"),
    }
    return templates.get(data.get("action", ""), "{version}").format_map(_Open(data))


def _report_moved(data: Mapping[str, Any]) -> str:
    templates = {
        "sign": _("Report {number} signed"),
        "hand-over": _("Report {number} handed over to the manufacturer"),
        "revoke": _("Report {number} revoked"),
        "discard": _("Report {number} discarded"),
    }
    return templates.get(data.get("action", ""), "{number}").format_map(_Open(data))


def _complaint_moved(data: Mapping[str, Any]) -> str:
    return {
        "answer": _("The owner was answered"),
        "dispute": _("Owner and manufacturer do not agree"),
        "settle": _("The dispute is settled"),
        "close": _("Complaint closed"),
        "reopen": _("Complaint taken up again"),
        "take-back": _("The owner took the complaint back"),
    }.get(data.get("action", ""), "")


def _countersigned(data: Mapping[str, Any]) -> str:
    purpose = str(data.get("purpose", ""))
    return _("A signature on the metadata came from another deployment ({purpose})").format(
        purpose=words.PURPOSES.get(purpose, purpose)  # type: ignore[call-overload]
    )


def _authority(data: Mapping[str, Any]) -> str:
    slug = str(data.get("authority", ""))
    return str(words.KINDS.get(slug, slug.upper()))  # type: ignore[call-overload]


_FINDING_MOVES: Mapping[str, Any] = {
    "explain": _later("The manufacturer has explained it"),
    "dismiss": _later("The manufacturer has set it aside as noise"),
    "undo": _later("The explanation no longer stands"),
    "report": _later("Put before both authorities"),
    "close": _later("Closed: both authorities have settled it"),
    "reopen": _later("Taken up again by an authority"),
    "cover": _later("Something covers it now"),
}


def _approval_moved(data: Mapping[str, Any]) -> str:
    templates = {
        "suspend": _("{number} suspended: {reason}"),
        "resume": _("{number} put back into force: {reason}"),
        "revoke": _("{number} revoked: {reason}"),
        "withdraw": _("{number} given back: {reason}"),
    }
    return templates.get(data.get("action", ""), "{number}").format_map(_Open(data))


def _stopped(data: Mapping[str, Any]) -> str:
    if data.get("production_stopped") and data.get("sale_stopped"):
        return _("Production and sale of what is defective have stopped, the manufacturer states")
    return _("The manufacturer states that production or sale of what is defective goes on")


def _stop_shown(data: Mapping[str, Any]) -> str:
    shown = data.get("shown", {})
    defects = _(", ").join(data.get("defects", ()))
    if shown.get("production_stopped") and shown.get("sale_stopped"):
        return _("The orders to stop of {defects} are carried out, with documents").format(
            defects=defects
        )
    return _("Orders to stop of {defects} are not all carried out").format(defects=defects)


def _incident_moved(data: Mapping[str, Any]) -> str:
    return {
        "qualify": _("It was said what it is"),
        "set-aside": _("Set aside: no incident"),
        "take-back": _("It was an incident after all"),
        "conclude": _("Investigation ended"),
        "close": _("Incident closed"),
        "reopen": _("Incident taken up again"),
        "merge": _("Merged into {into}"),
        "separate": _("Separated again"),
    }.get(data.get("action", ""), "").format_map(_Open(data))


_HOLD_STEPS: Mapping[str, Any] = {
    "placed": _later("A hold was placed"),
    "added": _later("Something was put under a hold"),
    "read": _later("Something under a hold was read"),
    "exported": _later("A chain of custody was exported"),
    "end-proposed": _later("The end of a hold was proposed"),
    "kept": _later("A hold goes on"),
    "ended": _later("A hold was ended by a second person"),
    "removed": _later("Bytes that were held were removed"),
}
SENTENCES: Mapping[str, Sentence] = {
    **recall_stories.SENTENCES,
    "access:application:begun": lambda d: _("Application for {code} begun").format_map(_Open(d)),
    "access:application:given-up": lambda d: _("Application for {code} closed").format_map(
        _Open(d)
    ),
    "access:document:attached": lambda _data: _("A document was attached to the application"),
    "access:document:detached": lambda _data: _("A document was removed from the application"),
    "approval:granted": lambda d: _("{number} granted").format_map(_Open(d)),
    "approval:taken-over": lambda d: _("{number} was taken over from {source}").format_map(
        _Open(d)
    ),
    "approval:changed": lambda d: _("{number} has version {version} now").format_map(_Open(d)),
    "approval:state:changed": _approval_moved,
    "approval:condition:fulfilled": lambda d: _("Condition {condition} fulfilled").format_map(
        _Open(d)
    ),
    "parameter-schema:loaded": lambda d: _("Schema of parameters {key} loaded").format_map(
        _Open(d)
    ),
    "vehicle-type:amended": lambda d: _(
        "Vehicle type {code} brought up to its approval"
    ).format_map(_Open(d)),
    "filing:question:asked": lambda d: _("{authority} asked a question").format(
        authority=_authority(d)
    ),
    "filing:question:answered": lambda _data: _("A question was answered"),
    "filing:question:taken-back": lambda d: _("{authority} took a question back").format(
        authority=_authority(d)
    ),
    "rules:reading-chosen": lambda _data: _("Reading of the five working days chosen"),
    "document:kept": lambda _data: _("A document was handed in"),
    "document:received": lambda _data: _("A document came from its owner's deployment"),
    "filing:other-decision:noted": lambda d: _("{authority} told of its decision").format(
        authority=_authority(d)
    ),
    "filing:candidate:signed": lambda _data: _("Metadata of the release signed"),
    "release:registered": lambda _data: _("Release registered"),
    "release:change-added": lambda d: _("Change of {ecu} to {to_version} added").format_map(
        _Open(d)
    ),
    "release:evidence-added": lambda d: _("Document added: {title}").format_map(_Open(d)),
    "release:answered": lambda _data: _("Questionnaire answered"),
    "release:state:changed": _release_moved,
    "release:evaluated": lambda _data: _("Rulebook classified the release"),
    "release:published": lambda _data: _("Signed metadata published for vehicles"),
    "release:stop-stated": _stopped,
    "release:stop-shown": _stop_shown,
    "release:candidate:countersigned": _countersigned,
    "release:candidate:attested": lambda d: _(
        "Compliance officer signed the metadata in the place of {authority}, and the metadata "
        "says so"
    ).format(authority=_authority(d)),
    "release:candidate:renewed": lambda _data: _("Metadata made anew, to be signed again"),
    "filing:prepared": lambda d: _("{number} prepared for {authority}").format(
        number=d.get("number", ""), authority=_authority(d)
    ),
    "filing:state:changed": _filing_moved,
    "campaign:created": lambda _data: _("Campaign planned, list of vehicles frozen"),
    "campaign:state:changed": _campaign_moved,
    "campaign:group:opened": lambda d: _("Group {group} opened").format_map(_Open(d)),
    "campaign:link-renewed": lambda _data: _("An owner's link was renewed"),
    "notice:published": lambda d: _("Notice to owners published, version {version}").format_map(
        _Open(d)
    ),
    "action:proven": lambda _data: _("A vehicle proved that it runs the new version"),
    "action:failed": lambda _data: _("A vehicle failed and was restored"),
    "action:timed-out": lambda _data: _("A vehicle did not report in time"),
    "action:cancelled": lambda _data: _("The update of a vehicle was cancelled"),
    "firmware:known": lambda _data: _("A version is known from now on"),
    "gateway-token:set": lambda _data: _("Gateway token set"),
    "consent:given": lambda _data: _("An owner agreed"),
    "consent:refused": lambda _data: _("An owner said no"),
    "vehicle:swin:changed": lambda _data: _("A vehicle's software identification number changed"),
    "organisation:entered": lambda _data: _("Organisation entered"),
    "organisation:attested": lambda _data: _("Its answers on paper are attested from now on"),
    "organisation:joined": lambda _data: _("It has joined and signs for itself from now on"),
    "key:created": lambda _data: _("Signing key created"),
    "key:revoked": lambda _data: _("Signing key revoked"),
    "key:announced": lambda _data: _("Another deployment told of a signing key"),
    "key:confirmed": lambda _data: _("Signing key of another deployment confirmed"),
    "key:refused": lambda _data: _("Signing key of another deployment refused"),
    "repository:initialised": lambda _data: _("Image repository founded"),
    "repository:role:appointed": lambda _data: _("Signing role appointed"),
    "account:opened": lambda _data: _("Account opened"),
    "membership:given": lambda _data: _("Role given"),
    "work:handed-over": lambda _data: _("Work handed over"),
    "work:taken-back": lambda _data: _("Work opened to the role again"),
    "type-duty:scheduled": lambda _data: _("Duty of a vehicle type entered"),
    "type-duty:fulfilled": lambda _data: _("Duty of a vehicle type fulfilled"),
    "type-duty:reopened": lambda _data: _("Duty of a vehicle type opened again"),
    "type-duty:lapsed": lambda _data: _("Duty of a vehicle type no longer applies"),
    "vehicle-type:registered": lambda _data: _("Vehicle type registered"),
    "function:registered": lambda _data: _("Function registered"),
    "text:written": lambda d: _("Version {version} of a text written").format_map(_Open(d)),
    "text:state:changed": _text_moved,
    "test-report:entered": lambda d: _("Report {number} entered").format_map(_Open(d)),
    "test-report:state:changed": _report_moved,
    "client:admitted": lambda _data: _("Another system was let in"),
    "client:secret:rotated": lambda _data: _("A system got a new secret"),
    "client:revoked": lambda _data: _("A system was shut out"),
    **data_stories.SENTENCES,
    **exchange_stories.SENTENCES,
    "complaint:received": lambda _data: _("Complaint received"),
    "complaint:message": lambda _data: _("Something was added to a complaint"),
    "complaint:file-attached": lambda _data: _("A file was attached to a complaint"),
    "complaint:handed-over": lambda _data: _("Complaint handed over"),
    "complaint:contact-opened": lambda _data: _("Contact of the owner opened"),
    "complaint:contact-erased": lambda _data: _("Contact of the owner erased"),
    "complaint:state:changed": _complaint_moved,
    "complaint-policy:set": lambda _data: _("Service levels for complaints set"),
    "vehicles:registered": lambda _data: _("Vehicles registered"),
    "conformity:finding:opened": lambda _data: _("A difference was found"),
    "conformity:finding:changed": lambda d: str(_FINDING_MOVES.get(str(d.get("action")), "")),
    "conformity:referral:settled": lambda _data: _("An authority has settled its copy"),
    "conformity:referral:reopened": lambda _data: _("An authority has taken it up again"),
    "conformity:compared": lambda _data: _("The fleet was compared with its approvals"),
    "conformity:limit:set": lambda _data: _("A limit was set"),
    "incident:learned": lambda _data: _("The manufacturer learned of the incident"),
    "incident:account-added": lambda _data: _("Somebody else told of it"),
    "incident:account-corrected": lambda d: _(
        "An account was corrected: version {version}"
    ).format_map(_Open(d)),
    "incident:stated": lambda _data: _("More is known"),
    "incident:state:changed": _incident_moved,
    "incident:merged-in": lambda d: _("{number_of} was merged into it").format_map(_Open(d)),
    "incident:separated": lambda d: _("{number_of} was separated from it").format_map(_Open(d)),
    "incident:defect-opened": lambda d: _("Defect analysis {defect} opened").format_map(_Open(d)),
    "incident:reported": lambda d: _("{report} sent").format_map(_Open(d)),
    "incident:acknowledged": lambda d: _("{report} acknowledged").format_map(_Open(d)),
    "incident:asked": lambda _data: _("An authority asked something"),
    "incident:answered": lambda _data: _("The authority was answered"),
    "incident:investigated": lambda _data: _("A line was added to the investigation"),
    "incident-policy:set": lambda _data: _("Own levels for incidents set"),
    **{
        f"hold:{step}": lambda _data, text=text: str(text)  # type: ignore[misc]
        for step, text in _HOLD_STEPS.items()
    },
    "deployment:restored": lambda _data: _("The database was put back to an earlier moment"),
    "matter:looked-at": lambda _data: _("The other authority looked at it"),
    "matter:look-refused": lambda _data: _("A look of the other authority was refused"),
    "swin-register:exported": lambda _data: _("The SWIN register was exported"),
}
_GOOD = {
    "accept",
    "enter-acceptance",
    "release",
    "sign",
    "complete",
    "approve",
    "publish",
    "answer",
    "settle",
}
_BAD = {"refuse", "enter-refusal", "stop", "confirm", "order"}
_DUE = {"return", "enter-return", "pause", "withdraw", "cancel", "reopen", "dispute"}
_LIVE = {"submit", "start", "resume", "notify", "freeze"}


def _tone(entry: Told) -> Tone | None:
    if entry.event in exchange_stories.TONES:
        return exchange_stories.TONES[entry.event](entry.data)
    act = entry.data.get("action") or entry.data.get("act") or ""
    for tone, acts in (
        (Tone.MET, _GOOD),
        (Tone.BROKEN, _BAD),
        (Tone.DUE, _DUE),
        (Tone.LIVE, _LIVE),
    ):
        if act in acts:
            return tone
    return Tone.MET if entry.event == "release:published" else None


class _Open(dict[str, Any]):
    """Fields of an entry; one that is not there shows as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
