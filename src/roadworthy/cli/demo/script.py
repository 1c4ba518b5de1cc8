"""The order of the steps."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from roadworthy import stores
from roadworthy.cli.demo import (
    access,
    cases,
    filing,
    fleet,
    proving,
    register,
    requirements,
    road,
)
from roadworthy.cli.demo import cast as casting
from roadworthy.cli.demo.cast import Cast
from roadworthy.cli.demo.days import Days
from roadworthy.cli.demo.narration import Narrator
from roadworthy.cli.demo.stage import Stage
from roadworthy.config.supervisor import Running
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.insight import tasks as insight
from roadworthy.domains.organisations.roles import Kind

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release

FOUNDED = 24  # working days before today


def play(run: Running, narrator: Narrator) -> Cast:
    """Go through the loop and return the people in it."""
    began = time.monotonic()
    stage = _open(run, narrator)
    proving.cosign(stage, stage.days.before(FOUNDED))
    _prepare(stage, narrator)
    interface = _file(stage, narrator)
    narrator.step("Which data may leave the car, the company, the country")
    register.fill(stage)
    _update(stage, narrator, interface)
    narrator.step("Proof: what the vehicles say they run")
    road.show_proof(stage, interface)
    narrator.step("Trace: every step in a witnessed log, verified offline")
    proving.show(stage, interface)
    narrator.step("What standards ask of the types, and what shows it")
    requirements.show(stage)
    narrator.step("Figures counted from the log, beside what authorities published")
    insight.write_facts(stage.home)
    narrator.see("/p/figures/")
    narrator.good(f"the whole loop took {time.monotonic() - began:.0f} s")
    return stage.cast


def _prepare(stage: Stage, narrator: Narrator) -> None:
    narrator.step("Vehicle types from real firmware inventories")
    fleet.types(stage)
    narrator.step("A thousand vehicles with valid VINs and baselines")
    fleet.register(stage)
    narrator.step("A new type is applied for, tested and approved")
    access.approve(stage)
    narrator.step("Levels 1 and 2 are filed with both authorities")
    filing.levels(stage)


def _file(stage: Stage, narrator: Narrator) -> Release:
    """Take three releases before both authorities; return the one that passes."""
    narrator.step("Three releases, classified by the rulebook")
    interface, parameters, defect = (
        filing.register(stage, case) for case in (cases.INTERFACE, cases.PARAMETERS, cases.DEFECT)
    )
    for release in (interface, parameters, defect):
        filing.show(stage, release)
    narrator.step("One content to both authorities; they accept, return, refuse")
    drafts = filing.activity(stage, interface)
    filing.accept(stage, drafts, Kind.MIIT)
    narrator.step("The release gate: keys, not a flag")
    filing.show_refusal(stage, interface)
    filing.accept(stage, drafts, Kind.SAMR)
    filing.show_acceptance(stage, interface)
    filing.product_change(stage, parameters)
    filing.refuse_disguised_recall(stage, defect)
    return interface


def _update(stage: Stage, narrator: Narrator, release: Release) -> None:
    narrator.step("Owners are told and asked; then the vehicles update")
    tokens = road.plan(stage, release)
    road.ask_owners(stage, tokens)
    register.ask(stage, next(iter(tokens.values())))
    road.drive(stage, release)


def _open(run: Running, narrator: Narrator) -> Stage:
    narrator.step("Organisations, people and a key for each signing role")
    days = Days(datetime.now(UTC))
    offline = secrets.token_urlsafe(18)
    platform = Platform.create(
        run.environment.home,
        online_passphrase=stores.online_passphrase(),
        offline_passphrase=offline,
    )
    cast = casting.assemble(platform, offline, at=days.before(FOUNDED))
    narrator.table(
        ("   organisation", "person", "role", "keys"),
        (
            (f"   {part.email.partition('@')[2]}", part.name, part.role, ", ".join(part.keys))
            for part in casting.PARTS
        ),
    )
    narrator.good(
        f"{len(cast.roles)} signing roles: no party can meet the threshold of any of them alone"
    )
    narrator.see("/")
    return Stage(run.environment.home, run.web_url, run.gateway_url, narrator, platform, cast, days)
