"""Words of following a recall: how owners are told, what they answer, what proves the remedy."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    LETTER = "letter"  # registered mail
    EMAIL = "email"
    SMS = "sms"


class Choice(StrEnum):
    """What is known of an owner's will. The last answer counts."""

    ACCEPT = "accept"
    DECLINE = "decline"
    UNREACHABLE = "unreachable"  # somebody tried in person, and did not reach them


class Reason(StrEnum):
    """Why somebody has to follow a vehicle up."""

    NO_ADDRESS = "no-address"
    BOUNCED = "bounced"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"


class Proof(StrEnum):
    """What shows that the defect is removed."""

    RUNNING_VERSION = "running-version"
    WORKSHOP = "workshop"


class Figure(StrEnum):
    """What is counted for each recall, by day."""

    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FOLLOW_UP = "follow-up"  # open ones: added when one begins, taken off when it ends
    BY_VERSION = "by-version"
    BY_WORKSHOP = "by-workshop"
