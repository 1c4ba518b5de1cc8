"""What can be asked about: an update, an incident, a set of data. A rule names its topics.

Asked about nothing in particular, the rulebook answers for the topics that the stated facts touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from roadworthy.rules.text import Text


class Topic(StrEnum):
    UPDATE = "update"
    ACCESS = "access"
    RECALL = "recall"
    INCIDENT = "incident"
    DATA = "data"
    STANDARDS = "standards"
    MARKETING = "marketing"


class Jurisdiction(StrEnum):
    CN = "CN"
    UN = "UN"  # parties to the 1958 Agreement that apply UN R155 and R156
    US = "US"


TOPICS: Mapping[Topic, Text] = {
    Topic.UPDATE: Text("软件升级", "Software update"),
    Topic.ACCESS: Text("产品准入", "Market access"),
    Topic.RECALL: Text("缺陷与召回", "Defect and recall"),
    Topic.INCIDENT: Text("事件事故", "Incident"),
    Topic.DATA: Text("汽车数据", "Automobile data"),
    Topic.STANDARDS: Text("标准体系", "Standards"),
    Topic.MARKETING: Text("宣传用语", "Marketing"),
}
JURISDICTIONS: Mapping[Jurisdiction, Text] = {
    Jurisdiction.CN: Text("中国", "China"),
    Jurisdiction.UN: Text("联合国法规（UN R155、R156）", "UN Regulations (R155, R156)"),
    Jurisdiction.US: Text("美国", "United States"),
}
