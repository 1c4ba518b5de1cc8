"""What is asked about an update, in the words of somebody who has never read the law.

The facts are the rulebook's. Here each has a question and a sentence that helps to answer it, and
stands in a group; a fact that a rule about updates reads and that has no words here yet is asked
under its label, in the last group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_lazy as _

from roadworthy.law import cases
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Topic
from roadworthy.portals.shared.shapes import Text

_TOLD_OTHERWISE = frozenset({"today", "now"})  # the day of the question is asked for itself


@dataclass(frozen=True, slots=True)
class Question:
    fact: str
    text: Text = ""  # none: the fact's own label
    help: Text = ""


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: Text
    lead: Text
    questions: tuple[Question, ...]
    open: bool = False  # lies open before anything in it is answered


CHANGE = Group(
    "change",
    _("What the update changes"),
    _("These answers decide what the update is in law."),
    (
        Question(
            "removes_defect",
            _("Does it remove a defect?"),
            _(
                "A defect is a fault that a whole batch has in common and that endangers people "
                "or property, or breaks a safety standard. A nuisance is none."
            ),
        ),
        Question(
            "known_defect_for_same_fault",
            _("Has the same fault already been found to be a defect?"),
            _("By the manufacturer or by the authority, in any recall."),
        ),
        Question(
            "changes_automation_function",
            _("Does it add or change a driving function?"),
            _("Anything that steers, brakes or accelerates by itself, parking included."),
        ),
        Question(
            "function_level",
            _("If so, of which level is that function?"),
            _(
                "Level 2 steers and keeps speed while the driver watches; "
                "from level 3 the car itself watches the road."
            ),
        ),
        Question(
            "changes_main_parameters",
            _("Does it change a main technical parameter of the type?"),
            _("A figure in the type's entry in MIIT's Announcement: power, mass, range, speed."),
        ),
        Question(
            "changes_primary_version",
            _("Does the primary version of the driver assistance change?"),
            _("The main number of the version that was declared with the type, not a minor one."),
        ),
        Question(
            "affects_regulated_performance",
            _("Does it touch safety, emissions, energy use or theft protection?"),
            _("Braking, lights, airbags, range, keys: whatever a mandatory standard measures."),
        ),
    ),
    open=True,
)
RELEASE = Group(
    "release",
    _("When it goes out"),
    _("With these days the obligations get dates."),
    (
        Question(
            "planned_release_on",
            _("On which day is it planned to go out?"),
            _("The first vehicle may be offered it on this day."),
        ),
        Question(
            "samr_package_submitted_on",
            _("When did the assessment form and the package go to SAMR?"),
            _("SAMR wants both before the release, some working days ahead."),
        ),
        Question(
            "assessment_form_attached",
            _("Is the OTA safety assessment form with them?"),
            _("SAMR's own form; its title is 汽车远程升级（OTA）安全技术评估信息表."),
        ),
        Question(
            "notice_fields",
            _("What does the notice to owners say?"),
            _("Tick what it states; tick the last line if it states none of these."),
        ),
    ),
    open=True,
)
FILINGS = Group(
    "filings",
    _("Filings and permits"),
    _("How far the paperwork is. Leave out what you do not know: the answer names it."),
    (
        Question(
            "applicant_holds_permit",
            _("Does the manufacturer that holds the vehicle's permit apply?"),
            _("A supplier cannot file for the vehicle."),
        ),
        Question(
            "capability_filing",
            _("Where is the filing of the company's capability (MIIT)?"),
            _("The first of three filings; made once for the company."),
        ),
        Question(
            "type_filing",
            _("Where is the filing of the vehicle type (MIIT)?"),
            _("The second; made for each type and what it can do."),
        ),
        Question(
            "miit_filing",
            _("Where is the filing of this update with MIIT?"),
            _("The third; made for each update."),
        ),
        Question(
            "samr_filing",
            _("Where is the filing of this update with SAMR?"),
            _("The second authority is told as well; one filing does not replace the other."),
        ),
        Question(
            "activity_submitted",
            _("Has the filing of this update been sent, or is it being sent?"),
            _("Yes even if no answer has come yet."),
        ),
        Question(
            "activity_submitted_on",
            _("On which day was it sent?"),
            _("Leave it empty if it was not sent yet."),
        ),
        Question(
            "content_digest_equal",
            _("Do both filings carry the same content?"),
            _("Both authorities must have been told the same."),
        ),
        Question(
            "safety_assessment_attached",
            _("Is a safety assessment with the filing?"),
            _("What could go wrong while it installs and afterwards, and what was done about it."),
        ),
        Question(
            "conforms_after_update",
            _("Does the vehicle still conform once it is installed?"),
            _("With the law, the standards and its entry in the Announcement."),
        ),
        Question(
            "update_matches_filing",
            _("Is the update exactly what was filed?"),
            _("The same content, byte by byte."),
        ),
        Question(
            "verification_material_attached",
            _("Is proof of tests with the filing?"),
            _("Test reports for whatever the update touches: brakes, range, emissions."),
        ),
        Question(
            "product_change",
            _("Where is the product change permit (MIIT)?"),
            _("Asked for if a main technical parameter or the primary version changes."),
        ),
        Question(
            "product_change_accepted_on",
            _("On which day was the product change permitted?"),
            _("Leave it empty if it was not yet."),
        ),
        Question(
            "access_permit",
            _("Where is the access permit for automated driving (MIIT)?"),
            _("Asked for from level 3."),
        ),
    ),
)
RECALL = Group(
    "recall",
    _("If it is a recall"),
    _("Only for an update that removes a defect."),
    (
        Question(
            "declared_kind",
            _("Under which name does the manufacturer run it?"),
            _("A service, or a recall."),
        ),
        Question(
            "defect_confirmed_on",
            _("On which day was the defect confirmed?"),
            _("The periods of the recall count from here."),
        ),
        Question(
            "production_stopped",
            _("Is the defective product no longer made?"),
            _("Vehicles with the fault still in them."),
        ),
        Question(
            "sale_stopped",
            _("Is the defective product no longer sold?"),
            _("Including what stands at the dealers."),
        ),
        Question(
            "recall_plan",
            _("Where is the recall plan (SAMR)?"),
            _("The plan says which vehicles, what is wrong, and how it is put right."),
        ),
        Question(
            "recall_plan_filed_on",
            _("On which day was the plan filed?"),
            _("Leave it empty if it was not filed yet."),
        ),
        Question(
            "recall_published_on",
            _("On which day was the recall published?"),
            _("Leave it empty if it was not published yet."),
        ),
        Question(
            "owners_notified_on",
            _("On which day had all owners been told?"),
            _("Leave it empty if not all have been told yet."),
        ),
    ),
)
VEHICLE = Group(
    "vehicle",
    _("The vehicle and its owner"),
    _("What the technical standards on software updates look at."),
    (
        Question(
            "vehicle_category",
            _("Of which category is the vehicle?"),
            _("M1 is a passenger car; N is for goods, O a trailer."),
        ),
        Question(
            "disclosure_fields",
            _("What is on record about telling the owners?"),
            _("Tick what it holds; tick the last line if it holds none of these."),
        ),
        Question(
            "user_confirmed",
            _("Has the owner said yes, and is that on record?"),
            _("An explicit yes before it is installed."),
        ),
        Question(
            "version_sets_kept",
            _("Are the versions before and after kept on record?"),
            _("The versions of everything in the vehicle that the update touches."),
        ),
        Question(
            "affected_ecus_listed",
            _("Are the controllers that it touches listed?"),
            _("Each electronic control unit (ECU) that gets new software."),
        ),
    ),
)
AFTER = Group(
    "after",
    _("Once it has begun"),
    _("For an update that is already going out, or is done."),
    (
        Question(
            "started_on",
            _("On which day did it begin?"),
            _("Leave it empty if it has not begun."),
        ),
        Question(
            "completed_on",
            _("On which day was it complete?"),
            _("Leave it empty while it runs."),
        ),
        Question(
            "result_told",
            _("Have the owners been told the result?"),
            _("Whether it was installed, and what to do if it was not."),
        ),
        Question(
            "implementation_report_filed_on",
            _("On which day was the final report filed with MIIT?"),
            _("Leave it empty if it was not filed yet."),
        ),
        Question(
            "stage_reports_filed_on",
            _("On which days were interim reports filed?"),
            _("For an update that takes long. Several days: put commas between them."),
        ),
    ),
)
READINGS = Group(
    "readings",
    _("How an unclear text is read"),
    _("Left alone, the stricter reading is taken."),
    (
        Question(
            "samr_package_reading",
            _("How are the working days before release read that SAMR asks for?"),
            _("The authority has not said which it means."),
        ),
        Question(
            "roll_last_day",
            _("Does a period that ends on a rest day end on the next working day?"),
            _("As the Civil Code has it; left alone: yes."),
        ),
    ),
)
_WORDED = (CHANGE, RELEASE, FILINGS, RECALL, VEHICLE, AFTER, READINGS)
_OPEN = _("Leave it open if you do not know; the answer then names it.")
_ELSE = Group("else", _("Further facts"), _("What single rules look at as well."), (), open=False)


@cache
def groups() -> tuple[Group, ...]:
    """Return all questions that a rule about updates can turn on, grouped."""
    known = rulebook().facts
    worded = [
        Group(g.key, g.title, g.lead, tuple(q for q in g.questions if q.fact in known), open=g.open)
        for g in _WORDED
    ]
    asked = {q.fact for g in worded for q in g.questions}
    others = tuple(Question(name, help=_OPEN) for name in facts_read() if name not in asked)
    last = (Group(_ELSE.key, _ELSE.title, _ELSE.lead, others),) if others else ()
    return (*worded, *last)


def further(names: Iterable[str]) -> Group:
    """Return a group for facts that an address states and that no rule about updates reads."""
    return Group("given", _ELSE.title, _ELSE.lead, tuple(map(Question, names)), open=True)


@cache
def facts_read() -> tuple[str, ...]:
    """Return the facts that the rules about updates look at, in the order of the vocabulary.

    Which ones a rule asks for depends on the answers before: its cases show them all.
    """
    rules = {
        rule.id
        for versions in rulebook().law.rules.values()
        for rule in versions
        if Topic.UPDATE in rule.topics
    }
    read = {name for case in cases.cases() if case.rule_id in rules for name in _read_in(case)}
    read -= _TOLD_OTHERWISE
    return tuple(name for name in rulebook().facts if name in read)


def _read_in(case: cases.Case) -> Iterator[str]:
    asked = rulebook().evaluate(case.facts, as_of=case.as_of, rules=[case.rule_id])
    for finding in asked.findings:
        yield from (fact.definition.name for fact in finding.facts)
        yield from (fact.name for fact in finding.missing)
