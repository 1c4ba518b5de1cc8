"""The register of data of the demonstration: what is collected, where it goes, what is denied."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import Any

import yaml

from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import (
    breaches,
    counting,
    declaring,
    exporting,
    queries,
    register,
    services,
    tallies,
)
from roadworthy.domains.processing.declaring import Declared
from roadworthy.domains.processing.states import (
    Anonymised,
    Ground,
    Important,
    NoticeItem,
    Path,
    Place,
    Purpose,
    Sensitive,
    Storage,
    Subject,
)
from roadworthy.domains.rights import services as rights
from roadworthy.domains.rights.states import Kind as RightKind
from roadworthy.egress.policy import Kind, Origin

_DAY = 6  # working days before today
_LISTS = {"subjects": Subject, "sensitive": Sensitive, "important": Important}
_CHOICES = {
    "purpose": Purpose,
    "ground": Ground,
    "processed_in": Place,
    "stored": Storage,
    "path": Path,
    "anonymised": Anonymised,
}


def fill(stage: Stage) -> None:
    """Enter items, recipients and flows; approve what may be approved, and show what is denied."""
    told = yaml.safe_load(
        (resources.files(__package__) / "register.yaml").read_text(encoding="utf-8")
    )
    exporting.state(
        statement=exporting.Statement(**told["company"]),
        actor=stage.actor(Role.DATA),
        at=stage.days.before(_DAY),
    )
    for code, entry in told["items"].items():
        _item(stage, code, dict(entry))
    for code, about in told["recipients"].items():
        register.enter_recipient(
            code=code, **about, actor=stage.actor(Role.DATA), at=stage.days.before(_DAY)
        )
    for flow in told["flows"]:
        _flow(stage, dict(flow))
    _export(stage, told["exported"])
    found = queries.approved(stage.cast.manufacturer_id).count()
    stage.narrator.good(f"{found} flows of data are approved; what no flow names stays in the car")
    stage.narrator.see("/m/data/")


def ask(stage: Stage, token: str) -> None:
    """Let an owner ask for the deletion of their data, and a vulnerability be found."""
    rights.ask(token=token, kind=RightKind.DELETION, at=stage.days.before(1))
    found = stage.days.before(1)
    told = breaches.Told(
        kind=breaches.VULNERABILITY,
        title="远程解锁接口可重放",
        words="外部研究人员报告：远程解锁请求可被重放。尚未判定是否涉及公共利益。",
        found_at=found,
        leaked=False,
    )
    breaches.enter(told=told, actor=stage.actor(Role.DATA), at=stage.days.before(1))


def _item(stage: Stage, code: str, told: dict[str, Any]) -> None:
    consents = told.pop("consents", ())
    notice = told.pop("notice", None)
    for name, kind in _LISTS.items():
        if told.get(name) is not None:
            told[name] = tuple(map(kind, told[name]))
    told["kind"], told["origin"] = Kind(told["kind"]), Origin(told["origin"])
    who = stage.actor(Role.DATA)
    register.enter_item(
        code=code, entry=register.Entry(**told), actor=who, at=stage.days.before(_DAY)
    )
    if notice:
        content = {
            language: {str(item): words for item, words in zip(NoticeItem, lines, strict=True)}
            for language, lines in notice.items()
        }
        register.write_notice(code=code, content=content, actor=who, at=stage.days.before(_DAY))
    for consent in consents:
        register.write_consent_form(
            code=code,
            purpose=Purpose(consent["purpose"]),
            words=consent["words"],
            periods=consent["periods"],
            actor=who,
            at=stage.days.before(_DAY),
        )


def _flow(stage: Stage, told: dict[str, Any]) -> None:
    until, to = told.pop("until"), told.pop("recipient", None)
    for name, kind in _CHOICES.items():
        if name in told:
            told[name] = kind(told[name])
    said = Declared(**told)
    if to:
        known = {one.code: one.pk for one in queries.recipients(stage.cast.manufacturer_id)}
        said = replace(said, recipient_id=known[to])
    who = stage.actor(Role.DATA)
    flow = declaring.draft(declared=said, actor=who, at=stage.days.before(_DAY))
    answer = services.judge(flow_id=flow.pk, actor=who, at=stage.days.before(_DAY))
    if until == "denied" and answer.outcome != "denied":
        raise DemoFailed(f"{flow.number} is {answer.outcome}, not denied")
    if until in {"declared", "approved"}:
        services.declare(flow_id=flow.pk, actor=who, at=stage.days.before(_DAY))
    if until == "approved":
        services.approve(
            flow_id=flow.pk,
            actor=stage.actor(Role.COMPLIANCE_OFFICER),
            at=stage.days.before(_DAY),
        )


def _export(stage: Stage, told: dict[str, Any]) -> None:
    """Export over the flow that leaves the country, so that the counters have something to say."""
    for flow in tallies.exports(stage.cast.manufacturer_id):
        for number in range(told["times"]):
            first = number * told["new"]
            counting.export(
                number=flow.number,
                persons=[f"demo-{n}" for n in range(first, first + told["persons"])],
                reference=f"demo-{number + 1}",
                actor=stage.actor(Role.DATA),
                at=stage.days.before(1),
            )
