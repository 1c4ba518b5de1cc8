"""What the register speaks of, and the life of a flow: declared, approved by another, ended."""

from __future__ import annotations

from enum import StrEnum

from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.transitions import Machine, Transition


class Subject(StrEnum):
    """Whose information it is."""

    OWNER = "owner"
    DRIVER = "driver"
    PASSENGER = "passenger"
    OUTSIDE = "outside"  # whoever the cameras see outside the vehicle


class Important(StrEnum):
    """The six categories of important data, by the rulebook's names (ADP21, Article 3)."""

    SENSITIVE_AREA = "sensitive_area"
    ECONOMY = "economy"
    CHARGING_NETWORK = "charging_network"
    EXTERIOR_FACES_PLATES = "exterior_faces_plates"
    MANY_PERSONS = "many_persons"
    DETERMINED = "determined"


class Sensitive(StrEnum):
    """Kinds of sensitive personal information, by the rulebook's names."""

    TRACK = "track"
    AUDIO = "audio"
    VIDEO = "video"
    IMAGE = "image"
    BIOMETRICS = "biometrics"
    OTHER = "other"


class Purpose(StrEnum):
    """What data are processed for. A consent for one of them is none for another."""

    DRIVING_SAFETY = "driving-safety"
    DRIVER_ASSISTANCE = "driver-assistance"
    NAVIGATION = "navigation"
    REMOTE_SERVICE = "remote-service"  # the owner's app: lock, heat, find
    DIAGNOSIS = "diagnosis"
    DEFECT_ANALYSIS = "defect-analysis"
    SOFTWARE_UPDATE = "software-update"
    CHARGING = "charging"
    DEVELOPMENT = "development"
    INSURANCE = "insurance"
    MARKETING = "marketing"
    LEGAL_DUTY = "legal-duty"


class Place(StrEnum):
    """Where data are processed."""

    CAR = "car"
    COMPANY = "company"
    THIRD_PARTY = "third-party"


class Storage(StrEnum):
    """Where data are stored, by the rulebook's names."""

    VEHICLE = "vehicle"
    CHINA = "china"
    CHINA_AND_ABROAD = "china_and_abroad"
    ABROAD = "abroad"


class Ground(StrEnum):
    """On what ground personal information is processed (PIPL, Article 13)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal-duty"
    EMERGENCY = "emergency"
    NOT_PERSONAL = "not-personal"


class Anonymised(StrEnum):
    """How exterior images are anonymised, by the rulebook's names."""

    NONE = "none"
    FRAMES_DELETED = "frames_deleted"
    BLURRED = "faces_and_plates_blurred"


class Path(StrEnum):
    """The way chosen to export personal information, by the rulebook's names."""

    NONE = "none"
    CONTRACT = "standard_contract"
    CERTIFICATION = "certification"


class AssessmentState(StrEnum):
    """How far a security assessment of an export is, by the rulebook's names."""

    NONE = "none"
    UNDER_WAY = "under_way"
    PASSED = "passed"
    FAILED = "failed"


class NoticeItem(StrEnum):
    """What a notice on personal information states, by the rulebook's names (ADP21, Article 7)."""

    KINDS = "kinds"
    SITUATIONS = "situations_and_stop"
    PURPOSE = "purpose_and_use"
    STORAGE = "storage"
    ACCESS = "access_and_deletion"
    CONTACT = "contact"


class Outcome(StrEnum):
    """The answer about a flow."""

    ALLOWED = "allowed"
    ALLOWED_IF = "allowed-if"
    DENIED = "denied"
    UNDETERMINED = "undetermined"


class State(StrEnum):
    DRAFT = "draft"
    DECLARED = "declared"
    APPROVED = "approved"
    REFUSED = "refused"
    REPLACED = "replaced"  # a later version of the same flow is approved
    ENDED = "ended"


class Action(StrEnum):
    DECLARE = "declare"
    RETURN = "return"
    APPROVE = "approve"
    REFUSE = "refuse"
    REPLACE = "replace"
    END = "end"


_PRINCIPLES = Citation("ADP21", "第六条")
_DATA = frozenset({Role.DATA})
_OFFICER = frozenset({Role.COMPLIANCE_OFFICER})

FLOW = Machine(
    initial=State.DRAFT,
    final=frozenset({State.REFUSED, State.REPLACED, State.ENDED}),
    transitions=(
        Transition(Action.DECLARE, frozenset({State.DRAFT}), State.DECLARED, _DATA, _PRINCIPLES),
        Transition(Action.RETURN, frozenset({State.DECLARED}), State.DRAFT, _OFFICER, _PRINCIPLES),
        Transition(
            Action.APPROVE, frozenset({State.DECLARED}), State.APPROVED, _OFFICER, _PRINCIPLES
        ),
        Transition(
            Action.REFUSE, frozenset({State.DECLARED}), State.REFUSED, _OFFICER, _PRINCIPLES
        ),
        Transition(
            Action.REPLACE,
            frozenset({State.APPROVED}),
            State.REPLACED,
            frozenset({Role.PLATFORM}),
            _PRINCIPLES,
        ),
        Transition(
            Action.END,
            frozenset({State.DRAFT, State.DECLARED, State.APPROVED}),
            State.ENDED,
            _DATA | _OFFICER,
            _PRINCIPLES,
        ),
    ),
)
