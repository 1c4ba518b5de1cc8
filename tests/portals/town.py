"""A world with something on every page: releases in each state, filings, a campaign under way.

Built once a module by the real services; the tests that share it only look.
"""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from roadworthy.cli.demo import cast as casting
from roadworthy.config.env import Secret
from roadworthy.domains.access.granting import Term
from roadworthy.domains.access.models import Application, Approval
from roadworthy.domains.accounts.models import User
from roadworthy.domains.campaigns import engine, services
from roadworthy.domains.campaigns.models import Action, Campaign
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.compliance import gaps, watching
from roadworthy.domains.compliance.models import Gap, Notice
from roadworthy.domains.conformity import detection, snapshots
from roadworthy.domains.conformity import services as conformity
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.disclosure.states import Channel
from roadworthy.domains.documents import services as documents
from roadworthy.domains.filings import drafting, questions
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.incidents import asking, holding
from roadworthy.domains.incidents import queries as incidents
from roadworthy.domains.incidents import reporting as incident_reporting
from roadworthy.domains.incidents.states import Series
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.models import Membership
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.processing import breaches, counting, yearly
from roadworthy.domains.processing.states import Ground
from roadworthy.domains.rights import services as rights
from roadworthy.domains.rights.states import Kind as RightKind
from roadworthy.domains.software import queries as software
from roadworthy.domains.software.models import Release
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.vehicles import reporting
from roadworthy.domains.worklists import duties
from roadworthy.domains.worklists import queries as worklists
from tests import approving, complying, exchanging, flowing, happening, recalling, telling
from tests.api.systems import admit
from tests.domains.campaigns import conftest as campaigns_world
from tests.domains.campaigns import roads
from tests.world import ECU, OFFLINE, ONLINE, START, World

PORTALS = {"m": Role.HOMOLOGATION, "a": Role.MIIT_REVIEWER, "t": Role.TEST_ENGINEER}


@dataclass
class Town:
    """What stands, by the names that the tests use."""

    world: World
    home: Path
    releases: dict[str, Release] = field(default_factory=dict)
    filings: dict[str, Filing] = field(default_factory=dict)
    campaign: Campaign | None = None
    tokens: list[str] = field(default_factory=list)
    vehicle_id: int = 0
    duty_id: int = 0  # of the type: the first document that goes to SAMR
    strangers: dict[Role, Any] = field(default_factory=dict)
    report_id: int = 0
    clients: dict[str, int] = field(default_factory=dict)  # by portal
    peer: str = ""  # another deployment
    letter_id: int = 0  # from there, and cannot take effect
    draft: Any = None
    attachment_id: int = 0
    question: Any = None  # about the submitted filing
    texts: dict[str, int] = field(default_factory=dict)
    complaint_id: int = 0
    image: str = ""  # digest of what the draft carries
    filed: str = ""  # digest of what was submitted
    finding_id: int = 0  # before both authorities
    snapshot_id: int = 0
    defect_id: int = 0  # confirmed, of a type of its own
    plan_id: int = 0  # its recall plan, a draft
    order_id: int = 0  # to one of its sites
    filed_plan_id: int = 0  # of another defect
    notice_id: int = 0  # of SAMR, about a third
    lesson_id: int = 0  # before MIIT
    approval: Approval | None = None
    application: Application | None = None
    report: str = ""  # digest of the application's document
    evidence_id: int = 0  # a document that waits for its confirmation
    gap_id: int = 0
    standard_id: int = 0  # of the bundled catalogue
    standard_notice_id: int = 0
    own_standard_id: int = 0  # entered by the manufacturer itself
    standard_file: str = ""  # digest of a list of standards that was handed in
    standard_run_id: int = 0  # what became of its rows
    analysed_id: int = 0  # a mandatory standard that the manufacturer analysed
    flow_id: int = 0  # of data, declared
    right_id: int = 0  # a person asks for deletion
    data_report_id: int = 0
    breach_id: int = 0
    happened: dict[str, Any] = field(default_factory=dict)  # an incident and what hangs on it

    def client(self, role: Role, *, stranger: bool = False) -> Client:
        """Return a browser in which somebody with that role has signed in."""
        actor = self.strangers[role] if stranger else self.world.actor(role)
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        membership = Membership.objects.get(
            user_id=actor.user_id, organisation_id=actor.organisation_id, role=role
        )
        session = client.session
        session["membership"] = membership.pk
        session.save()
        return client


def found(home: Path) -> Town:
    """Let the parties and one vehicle type stand, and nothing else."""
    platform = Platform.create(home, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    world = World(platform, casting.assemble(platform, OFFLINE, at=START))
    world.add_type()
    return Town(world, home)


def _exchange(town: Town) -> None:
    """Know one other deployment, which has sent a message that this one cannot read."""
    world = town.world
    own = exchanging.established(
        world.platform, casting.ORGANISATIONS[Kind.MANUFACTURER][0], at=world.tick()
    )
    far = exchanging.Far(at=world.now, to=own.name)
    peer = exchanging.befriended(far)
    exchanging.deliver(
        peer, far.say("report/T-1", "report.imagined", {"a": 1}), to=own.name, at=world.now
    )
    exchanging.apply_all(world.platform, at=world.now)
    town.peer, town.letter_id = peer.name, exchanging.letters(peer)[0].pk


def build(home: Path) -> Town:
    """Take the steps."""
    town = found(home)
    world = town.world
    town.releases["draft"] = world.draft(number="D-1")
    town.releases["frozen"] = world.frozen(number="F-1")
    town.releases["released"] = world.released(number="R-2025.1")
    town.releases["signed"] = world.signed(number="S-1")
    pending = world.drafts(FilingKind.ACTIVITY, town.releases["signed"])
    town.filings["submitted"] = world.submit(pending[0])
    town.filings["draft"] = pending[1]
    town.filings["accepted"] = Filing.objects.filter(state="accepted").order_by("id")[0]
    duties.schedule(manufacturer_id=world.cast.manufacturer_id, at=world.tick())
    town.duty_id = worklists.type_duties(world.cast.manufacturer_id)[0].pk
    town.image = _image(town.releases["draft"])
    town.filed = _image(town.releases["signed"])
    town.report_id = world.report(about=b"image 1").pk
    for portal, role in PORTALS.items():
        town.clients[portal] = admit(world, role).client.pk
    _approve(town)
    _write(town)
    _roll_out(town)
    _tell(town)
    _find(town)
    _happen(town)
    _recall(town)
    _comply(town)
    _register_data(town)
    _exchange(town)
    world.witness()
    _strangers(town)
    return town


def _comply(town: Town) -> None:
    """Attach a document to a clause, and say what lacks and what there is to know."""
    world = town.world
    complying.seed(world)
    type_id = town.approval.type_id
    town.evidence_id = complying.attach_document(world, type_id, "gbt40429").pk
    gaps.settle_all(at=world.tick())
    watching.settle_all(at=world.tick())
    town.standard_id = Standard.objects.get(number="GB 44496-2024").pk
    own = complying.own_standards(world)
    town.own_standard_id, town.standard_file, town.standard_run_id, town.analysed_id = own
    town.gap_id = Gap.objects.order_by("pk")[0].pk
    town.standard_notice_id = Notice.objects.order_by("pk")[0].pk


def _tell(town: Town) -> None:
    """Let marketing speak and owners complain."""
    world = town.world
    about = {"function_id": telling.function(world).pk}
    known = telling.draft(world, Channel.DESCRIPTION, telling.DESCRIPTION, **about)
    name = telling.draft(world, Channel.FUNCTION_NAME, telling.SOUND, **about)
    loud = telling.draft(world, Channel.PRODUCT_NAME, telling.TOO_MUCH)
    telling.published(world, known)
    telling.submitted(world, name)
    town.texts = {"public": known.text_id, "review": name.text_id, "draft": loud.text_id}
    town.complaint_id = telling.complaint(world, town.vehicle_id, **about).pk
    telling.disputed(world, town.vehicle_id + 1)


def _approve(town: Town) -> None:
    """Approve a type on a condition, and begin the application for another."""
    text = {"zh-hans": "每季度报告", "en": "Report every quarter"}
    term = Term(text, Role.COMPLIANCE_OFFICER, date(2025, 9, 30))
    done = Term({"zh-hans": "提交计划", "en": "Hand in the plan"}, Role.COMPLIANCE_OFFICER)
    town.approval = approving.approved(town.world, term, done)
    approving.fulfil(town.world, town.approval, "C-2")
    town.application = approving.write(town.world, approving.begun(town.world, "GAMMA"))
    town.report = approving.attach(town.world, town.application).sha256


def _write(town: Town) -> None:
    """Let the manufacturer write a draft with a document, and MIIT ask a question."""
    world, writer = town.world, town.world.actor(Role.HOMOLOGATION)
    town.draft = drafting.begin(
        kind=FilingKind.CAPABILITY,
        details={"permit_number": "P-9"},
        actor=writer,
        at=world.tick(),
    )
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="manual.txt",
        content=io.BytesIO(b"The manual."),
        store=world.platform.documents,
        actor=writer,
        at=world.tick(),
    )
    town.attachment_id = drafting.attach(
        draft_id=town.draft.pk, sha256=kept.sha256, title="Manual", actor=writer, at=world.tick()
    ).pk
    town.question = questions.ask(
        filing_id=town.filings["submitted"].pk,
        text="Which vehicles come first?",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )


def _roll_out(town: Town) -> None:
    world = town.world
    ids = roads.register(world, 12)
    town.vehicle_id = ids[0]
    made = services.create_campaign(
        manufacturer_id=world.cast.manufacturer_id,
        release_id=town.releases["released"].pk,
        name=roads.NAME,
        groups=[services.GroupPlan(50, 90, 50), services.GroupPlan(50, 90, 50)],
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    ride = roads.Road(world, made.campaign, made.consent_tokens)
    town.campaign = made.campaign
    town.tokens = list(made.consent_tokens.values())
    ride.publish()
    ride.take(Act.NOTIFY)
    for vehicle_id in list(ride.tokens)[:-2]:
        ride.answer(vehicle_id)
    ride.take(Act.START)
    engine.turn(world.tick(seconds=5))
    _report(ride)


def _find(town: Town) -> None:
    """Let vehicles report what nothing covers; one finding is reported, one waits."""
    world = town.world
    for version in ("9.9.9", "9.9.8"):
        reporting.record_ecu_report(
            vehicle_id=town.vehicle_id,
            ecu_name=ECU,
            version=version,
            actor=PLATFORM,
            at=world.tick(),
        )
    detection.detect(at=world.tick())
    town.finding_id = Finding.objects.order_by("pk")[0].pk
    conformity.report(
        finding_id=town.finding_id, actor=world.actor(Role.COMPLIANCE_OFFICER), at=world.tick()
    )
    town.snapshot_id = snapshots.take(campaign_id=town.campaign.pk, at=world.tick()).pk


def _happen(town: Town) -> None:
    """Let a car lose its assistance, tell both authorities, hold an extract, be asked."""
    world, safety = town.world, town.world.actor(Role.SAFETY)
    made = happening.incident(
        world, town.vehicle_id, stated={"weather": "rain", "recorders_holding": ["edr"]}
    )
    (hold,) = holding.of(made)
    kept = holding.keep_file(
        hold_id=hold.pk,
        recorder="edr",
        filename="edr.json",
        content=io.BytesIO(b'{"speed": [88, 61]}'),
        words="Read out by the workshop.",
        store=world.platform.documents,
        actor=safety,
        at=world.tick(),
    )
    report = incident_reporting.report(
        incident_id=made.pk, series=Series.INCIDENT, actor=safety, at=world.tick()
    )
    asked = asking.ask(
        incident_id=made.pk,
        text="Was the road wet?",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    ((account, _versions),) = incidents.accounts(made)
    town.happened = {
        "incident": made.pk,
        "account": account.pk,
        "hold": hold.pk,
        "exhibit": kept.pk,
        "report": report.pk,
        "question": asked.pk,
        **{one.authority.kind: one.pk for one in report.copies.all()},
    }


def _recall(town: Town) -> None:
    """Confirm a defect of a type of its own, and begin its plan."""
    world, alpha = town.world, town.world.type_id
    recalling.sites(world)
    made = recalling.confirmed(world, type_ids=[world.add_type("DELTA")])
    town.defect_id = made.pk
    town.order_id = made.orders.order_by("pk")[0].pk
    town.plan_id = recalling.drafted(world, made).pk
    other = recalling.confirmed(world, type_ids=[world.add_type("ETA")])
    town.filed_plan_id = recalling.filed(world, recalling.drafted(world, other)).pk
    town.notice_id = recalling.notice(world, [world.add_type("THETA")]).pk
    world.type_id = alpha
    town.lesson_id = recalling.lesson(world, made).pk


def _report(ride: Any) -> None:
    """Let the offered vehicles report: one fails, one is still at it, the others prove it."""
    offered = Action.objects.filter(campaign=ride.campaign, state=ActionState.OFFERED)
    for number, action in enumerate(offered.order_by("pk")):
        if number == 0:
            ride.feedback(action.vehicle_id, "closed", "failure", "no space left")
        elif number == 1:
            ride.report(action.vehicle_id, "retrieved")
            ride.feedback(action.vehicle_id, "proceeding", "none", "installing")
        else:
            ride.installs(action.vehicle_id)
    ride.turn()


def _image(release: Release) -> str:
    return str(software.changes_of(release.pk)[0].image.sha256)


def _register_data(town: Town) -> None:
    """Enter items into the register, approve a flow, declare another, and export over a third."""
    cast = town.world.cast
    maker = flowing.Maker(cast.manufacturer_id, cast.actors)
    maker.state()
    maker.ready("position")
    track = maker.abroad("position", persons=50, precision_metres=500, **flowing.CONTRACT)
    counting.export(number=track.number, persons=["a"], actor=maker.data, at=maker.tick())
    maker.enter("speed")
    town.flow_id = maker.declare("speed", ground=Ground.NOT_PERSONAL, persons=0).flow_id
    made = yearly.make(year=2026, complaints=1, actor=maker.data, at=maker.tick())
    town.data_report_id = made.pk
    found = breaches.Told("leak", "Log on a public host", "Nothing else known.", maker.now)
    town.breach_id = breaches.enter(told=found, actor=maker.data, at=maker.tick()).pk
    kind = RightKind.DELETION
    town.right_id = rights.ask(token=town.tokens[0], kind=kind, at=maker.tick()).pk


def _strangers(town: Town) -> None:
    _, people = campaigns_world.people(Kind.MANUFACTURER, "other", "OTHER")
    town.strangers |= people
    for kind in (Kind.MIIT, Kind.SAMR, Kind.INSTITUTION):
        _, reviewers = campaigns_world.people(kind, f"other-{kind}", None)
        town.strangers |= reviewers


def settle(home: Path) -> Any:
    """Point the portals at the town's data folder; return what was there before."""
    before = settings.ROADWORTHY
    settings.ROADWORTHY = dataclasses.replace(
        before, home=home, online_key_passphrase=Secret(ONLINE)
    )
    return before
