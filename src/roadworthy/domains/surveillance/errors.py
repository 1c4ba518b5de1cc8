"""What can go wrong with a file of reports, and with a row of it."""

from __future__ import annotations

from roadworthy.kernel.errors import DomainError, Forbidden, Invalid, NotFound


class NoSuchFile(Invalid):
    code = "import-file-unreadable"
    message = "{file} cannot be read: {reason}."


class NothingInside(Invalid):
    code = "import-file-empty"
    message = "{file} is empty."


class NotAText(Invalid):
    code = "import-file-binary"
    message = "{file} is no text: {found}. Give a CSV or JSON file, or a ZIP file with one of them."


class NotOneFile(Invalid):
    code = "import-archive-not-one"
    message = "{file} holds {count} CSV or JSON files ({names}). It must hold exactly one."


class WrongEncoding(Invalid):
    code = "import-encoding-wrong"
    message = "{file} is not {encoding} text (byte {position}). Save it as UTF-8."


class BrokenJson(Invalid):
    code = "import-json-broken"
    message = "{file} is not JSON as described: {reason}."


class UnknownForm(Invalid):
    code = "import-form-unknown"
    message = "{file} has none of the forms {forms}. Its columns are: {columns}."


class ColumnMissing(Invalid):
    code = "import-column-missing"
    message = 'The column "{column}" is missing, which the form {form} needs. Found: {columns}.'


class ColumnTwice(Invalid):
    code = "import-column-twice"
    message = 'The column "{column}" stands twice in the header.'


class NoSuchRegister(NotFound):
    code = "no-such-register"
    message = "There is no such register of reports."


class NoSuchRun(NotFound):
    code = "no-such-import"
    message = "There is no such import."


class NotYourTask(Forbidden):
    code = "import-not-your-task"
    message = "Files of reports are taken in by safety engineers and the compliance officer."


class NoSuchReport(NotFound):
    code = "no-such-bulk-report"
    message = "There is no such report."


class NoLevel(Invalid):
    code = "no-signal-level"
    message = "Give a number of incidents, a rate of false alarms, or both."


class LevelBackdated(Invalid):
    code = "signal-level-backdated"
    message = "A level applies from today or a later day: what was decided by then stays decided."


class RowFault(Invalid):
    """Something about one row. ``column`` and ``value`` are where it stands and what is there."""


class ValueMissing(RowFault):
    code = "row-value-missing"
    message = "This must be filled in."


class NoDate(RowFault):
    code = "row-no-date"
    message = "This is no date that can be read. Write it as 2025-06-03."


class NotYet(RowFault):
    code = "row-date-ahead"
    message = "This day has not come yet."


class NotAVersion(RowFault):
    code = "row-no-version"
    message = "A version is a whole number from 1."


class UnknownWord(RowFault):
    code = "row-unknown-word"
    message = "This word is not one of: {words}."


class TooLong(RowFault):
    code = "row-too-long"
    message = "This has {length} characters; at most {longest} fit."


class TooManyCells(RowFault):
    code = "row-too-many-cells"
    message = "The row has {count} values for {columns} columns. Is a quotation mark missing?"


class TooFewCells(RowFault):
    code = "row-too-few-cells"
    message = "The row ends after {count} of {columns} values. Is a quotation mark missing?"


class NotText(RowFault):
    code = "row-not-text"
    message = "The row holds a zero byte, which is no text."


class NotReadable(RowFault):
    code = "row-not-readable"
    message = "The row cannot be read: {reason}."


class NotAVin(RowFault):
    code = "row-vin-malformed"
    message = "This is no VIN of 17 characters and none cut to 11; it is kept as it stands."


class NoRealDate(RowFault):
    code = "row-date-empty"
    message = "A spreadsheet writes this date for an empty cell; it is read as not known."


class CutShort(RowFault):
    code = "row-cut-short"
    message = "Only the first {longest} characters are counted by; the whole is kept."


FAULTS: dict[str, type[DomainError]] = {one.code: one for one in RowFault.__subclasses__()}
