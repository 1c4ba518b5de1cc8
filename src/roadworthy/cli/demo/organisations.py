"""The organisations that the demonstrations play, and which keys their people hold."""

from __future__ import annotations

from collections.abc import Mapping

from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role

ORGANISATIONS: Mapping[Kind, tuple[str, Mapping[str, str]]] = {
    Kind.MANUFACTURER: ("starway", {"zh-hans": "星途汽车（示例）", "en": "Starway Motors (demo)"}),
    Kind.MIIT: ("miit", {"zh-hans": "工业和信息化部", "en": "MIIT"}),
    Kind.SAMR: ("samr", {"zh-hans": "国家市场监督管理总局", "en": "SAMR"}),
    Kind.INSTITUTION: (
        "clearview",
        {"zh-hans": "清源检测（示例）", "en": "Clearview Testing (demo)"},
    ),
}

KEYS: Mapping[Role, tuple[KeyPurpose, ...]] = {
    Role.RELEASE_ENGINEER: (KeyPurpose.RELEASE,),
    Role.MIIT_REVIEWER: (
        KeyPurpose.RECEIPT,
        KeyPurpose.PRODUCT_CHANGE_PERMIT,
        KeyPurpose.ACCESS_PERMIT,
    ),
    Role.SAMR_REVIEWER: (KeyPurpose.RECEIPT, KeyPurpose.RECALL_PLAN, KeyPurpose.WITNESS),
    Role.TEST_ENGINEER: (KeyPurpose.TEST_REPORT,),
}

TENANT = "DEFAULT"  # of the manufacturer's vehicles, as DDI clients call it
