"""The roles that state tables and permissions speak of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What an organisation is before the law; the party it signs as."""

    MANUFACTURER = "manufacturer"
    MIIT = "miit"
    SAMR = "samr"
    INSTITUTION = "institution"


class Role(StrEnum):
    """What a person does. ``PLATFORM`` is the software itself: it never decides, it carries out."""

    HOMOLOGATION = "homologation"  # files, applies
    RELEASE_ENGINEER = "release-engineer"  # registers and signs releases
    COMPLIANCE_OFFICER = "compliance-officer"  # starts and stops campaigns, answers for duties
    MARKETING = "marketing"  # registers names and texts, keeps to what is approved
    AFTER_SALES = "after-sales"  # hears complaints, answers owners
    SAFETY = "safety"  # takes in incidents, preserves, investigates, analyses defects
    RECALL = "recall"  # plans a recall, tells owners, follows it to its end
    DATA = "data-compliance"  # registers what data is processed, answers for rights and exports
    MIIT_REVIEWER = "miit-reviewer"
    SAMR_REVIEWER = "samr-reviewer"
    TEST_ENGINEER = "test-engineer"
    PLATFORM = "platform"


KIND_OF_ROLE = {
    Role.HOMOLOGATION: Kind.MANUFACTURER,
    Role.RELEASE_ENGINEER: Kind.MANUFACTURER,
    Role.COMPLIANCE_OFFICER: Kind.MANUFACTURER,
    Role.MARKETING: Kind.MANUFACTURER,
    Role.AFTER_SALES: Kind.MANUFACTURER,
    Role.SAFETY: Kind.MANUFACTURER,
    Role.RECALL: Kind.MANUFACTURER,
    Role.DATA: Kind.MANUFACTURER,
    Role.MIIT_REVIEWER: Kind.MIIT,
    Role.SAMR_REVIEWER: Kind.SAMR,
    Role.TEST_ENGINEER: Kind.INSTITUTION,
}


class KeyPurpose(StrEnum):
    """What a key may sign; one key, one purpose, one holder."""

    RELEASE = "release"  # manufacturer: image metadata
    RECEIPT = "receipt"  # authority: acceptance of a filing, countersignature
    PRODUCT_CHANGE_PERMIT = "product-change-permit"  # MIIT
    ACCESS_PERMIT = "access-permit"  # MIIT
    RECALL_PLAN = "recall-plan"  # SAMR
    TEST_REPORT = "test-report"  # institution
    WITNESS = "witness"  # authority: cosigns the checkpoints of the log
    # Manufacturer, where the authority answers on paper: that it has answered. One for each of
    # the authority's own purposes, as TUF counts keys: one key in two places would count once.
    ATTESTED_MIIT_RECEIPT = "attested-miit-receipt"
    ATTESTED_MIIT_CHANGE = "attested-miit-change"
    ATTESTED_MIIT_ACCESS = "attested-miit-access"
    ATTESTED_SAMR_RECEIPT = "attested-samr-receipt"
    ATTESTED_SAMR_RECALL = "attested-samr-recall"


# What a manufacturer's key signs in the place of whose key for what.
ATTESTED: Mapping[tuple[Kind, KeyPurpose], KeyPurpose] = {
    (Kind.MIIT, KeyPurpose.RECEIPT): KeyPurpose.ATTESTED_MIIT_RECEIPT,
    (Kind.MIIT, KeyPurpose.PRODUCT_CHANGE_PERMIT): KeyPurpose.ATTESTED_MIIT_CHANGE,
    (Kind.MIIT, KeyPurpose.ACCESS_PERMIT): KeyPurpose.ATTESTED_MIIT_ACCESS,
    (Kind.SAMR, KeyPurpose.RECEIPT): KeyPurpose.ATTESTED_SAMR_RECEIPT,
    (Kind.SAMR, KeyPurpose.RECALL_PLAN): KeyPurpose.ATTESTED_SAMR_RECALL,
}
# In whose place each of them signs; no person signs in two places.
IN_PLACE_OF: Mapping[KeyPurpose, Kind] = {
    purpose: authority for (authority, _), purpose in ATTESTED.items()
}
