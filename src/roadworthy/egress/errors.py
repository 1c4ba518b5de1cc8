"""What is wrong with a policy, a record or a picture, by name."""

from __future__ import annotations

from roadworthy.kernel.errors import Forbidden, Invalid, Unavailable


class WrongPolicy(Invalid):
    code = "egress.wrong_policy"
    message = "This is not a policy for data: {reason}."


class WrongRule(Invalid):
    code = "egress.wrong_rule"
    message = "The rule for {item} cannot be followed: {field} is {value!r}, but {reason}."


class TwoRules(Invalid):
    code = "egress.two_rules"
    message = "Two rules speak of {item} for {purpose} to {recipient}: keep one."


class CockpitLeaves(Forbidden):
    code = "egress.cockpit_leaves"
    message = "{item} comes from the cockpit, or from such data: it stays in the vehicle."


class WrongRecord(Invalid):
    code = "egress.wrong_record"
    message = "This is not a record of data: {reason}."


class WrongConsent(Invalid):
    code = "egress.wrong_consent"
    message = "This is no consent to {item}: {reason}."


class Withheld(Forbidden):
    code = "egress.withheld"
    message = "Nothing of this may leave: {reason}."


class NotAPicture(Invalid):
    code = "egress.not_a_picture"
    message = "This is not a picture that can be read (JPEG or PNG): {reason}."


class Blocked(Forbidden):
    code = "egress.blocked"
    message = "The picture does not leave: {reason}."


class NoDetector(Unavailable):
    code = "egress.no_detector"
    message = (
        "Faces and plates cannot be looked for on this machine: {reason}. Install what"
        " requirements/images.txt lists."
    )
