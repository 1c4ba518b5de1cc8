"""What can go wrong with figures."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class NoSuchIndicator(NotFound):
    code = "no-such-indicator"
    message = "There is no indicator {key}."


class NotSplitSo(Invalid):
    code = "indicator-not-split-so"
    message = "{key} is not split by {by} here."


class NotYours(Forbidden):
    code = "figures-not-yours"
    message = "Figures beyond the public ones are for authorities and manufacturers."


class NoFacts(Unavailable):
    code = "no-facts"
    message = "Nothing is counted yet: the facts have not been written."


class FactsAhead(Conflict):
    code = "facts-ahead"
    message = (
        "The facts reach entry {facts} of the log, the database has {log}: it was restored from "
        "an earlier state. Write the facts anew (--anew)."
    )


class Busy(Conflict):
    code = "facts-being-written"
    message = "The facts are being written by another process."


class WrongPeriod(Invalid):
    code = "figure-period-wrong"
    message = "The period ends before it begins, or in the future."


class NoSource(Invalid):
    code = "figure-source-missing"
    message = "Say where the figure was published, in Chinese or in English."
