"""What can go wrong with the register of data processing, its flows and its counters."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchItem(NotFound):
    code = "no-such-data-item"
    message = "There is no such data item."


class NoSuchFlow(NotFound):
    code = "no-such-flow"
    message = "There is no such data flow."


class NoSuchRecipient(NotFound):
    code = "no-such-recipient"
    message = "There is no such recipient."


class NoSuchReport(NotFound):
    code = "no-such-data-report"
    message = "There is no such report."


class NoSuchGroup(Invalid):
    code = "no-such-group"
    message = "No group of companies has this code. Ask the company that formed the group."


class NoSuchCountry(Invalid):
    code = "no-such-country"
    message = 'There is no country "{country}" (ISO 3166-1). Write two letters, for example DE.'


class NoPurpose(Invalid):
    code = "no-purpose"
    message = "A flow without a purpose cannot be judged. Say in both languages what it is for."


class NoNecessity(Invalid):
    code = "no-necessity"
    message = "Say in both languages why the purpose cannot be reached with less."


class NameMissing(Invalid):
    code = "name-missing"
    message = "The name is needed in Chinese and in English."


class ItemCodeTaken(Conflict):
    code = "item-code-taken"
    message = 'The register already has an item "{short}". Choose another short name.'


class WrongItem(Invalid):
    code = "wrong-item"
    message = "The item cannot be followed as it is: {reason}"


class NotPersonal(Invalid):
    code = "not-personal"
    message = "Sensitive information is personal information. Say whose it is."


class NoRetention(Invalid):
    code = "no-retention"
    message = "Say after how many days the data are deleted: at least 1."


class NoRecipient(Invalid):
    code = "no-recipient"
    message = "Data that leave the vehicle go to somebody. Choose who receives them."


class NothingStaysAndLeaves(Invalid):
    code = "stays-and-leaves"
    message = "What is processed in the vehicle alone has no recipient and is stored there."


class PlacesDisagree(Invalid):
    code = "places-disagree"
    message = "The place of storage and the recipient's country do not fit together."


class NoPrecision(Invalid):
    code = "no-precision"
    message = "A position leaves the vehicle in a stated precision only. Say how many metres."


class OnlyAlways(Invalid):
    code = "only-always"
    message = 'A consent that can only be given for "always" is none. Offer a period in days.'


class TextMissing(Invalid):
    code = "text-missing"
    message = "The text is needed in Chinese and in English."


class SamePerson(Forbidden):
    code = "same-person"
    message = "Who declared a flow does not approve it. A second person does."


class NotAllowed(Conflict):
    code = "flow-not-allowed"
    message = "The rulebook does not allow this flow: {rules}. It cannot be approved."


class StillUndetermined(Conflict):
    code = "flow-undetermined"
    message = "What is stated does not decide about this flow: {rules}. State what is missing."


class NothingChanged(Conflict):
    code = "nothing-changed"
    message = "Nothing changed; there is no new version."


class ItemChanged(Conflict):
    code = "item-changed"
    message = "The item has a newer version since. Declare the flow again for that one."


class ReasonMissing(Invalid):
    code = "reason-missing"
    message = "Say why."


class NotAnExport(Invalid):
    code = "not-an-export"
    message = "This flow does not leave the country: there is nothing to count."


class FlowNotApproved(Conflict):
    code = "flow-not-approved"
    message = "This flow is not approved. Nothing is exported over it."


class NoPersons(Invalid):
    code = "no-persons"
    message = "Nobody is named. List the persons, one a line."


class TooManyPersons(Invalid):
    code = "too-many-persons"
    message = "{count} persons at once are too many: send at most {most}."


class NotAYear(Invalid):
    code = "not-a-report-year"
    message = "No report can be made for {year}."


class WrongTime(Invalid):
    code = "wrong-time"
    message = "This lies in the future. Write when it was."


class RecipientCodeTaken(Conflict):
    code = "recipient-code-taken"
    message = 'There already is a recipient "{short}". Choose another short name.'


class SameAsAnother(Conflict):
    code = "same-as-another"
    message = "Flow {number} is approved for the same item, purpose and recipient already."


class NotEnforceable(Conflict):
    code = "not-enforceable"
    message = "The vehicle's filter cannot carry this out, so it is not approved: {reason}"


class VersionInWork(Conflict):
    code = "version-in-work"
    message = "A version of {number} is being written or waits for approval. Go on with that one."


class NoSuchAssessment(NotFound):
    code = "no-such-assessment"
    message = "There is no such security assessment."


class AssessmentTaken(Conflict):
    code = "assessment-taken"
    message = "The assessment {number} is entered already."


class InAGroup(Conflict):
    code = "in-a-group"
    message = "Your company is in a group already; its exports are counted there."


class NoSuchBreach(NotFound):
    code = "no-such-breach"
    message = "There is no such vulnerability or leak."


class OneType(Invalid):
    code = "one-type"
    message = "A release with a data policy is for one vehicle type; make one for each."


class NoGateway(Invalid):
    code = "no-gateway"
    message = "Your vehicles have no gateway here yet, so no policy can reach them."
