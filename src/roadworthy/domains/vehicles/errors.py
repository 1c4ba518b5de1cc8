"""What can be wrong with a type, a vehicle or a row of an import file."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchManufacturer(NotFound):
    code = "no-such-manufacturer"
    message = "There is no such manufacturer."


class NoSuchVehicle(NotFound):
    code = "no-such-vehicle"
    message = "There is no such vehicle."


class NoSuchType(NotFound):
    code = "no-such-type"
    message = "There is no such vehicle type."


class NotYourTask(Forbidden):
    code = "not-your-task"
    message = "Only {roles} may do this."


class TypeExists(Conflict):
    code = "type-exists"
    message = 'There is already a vehicle type "{code}".'


class NoSuchBrand(Invalid):
    code = "no-such-brand"
    message = 'The inventory has no brand "{brand}". It has: {brands}.'


class EcuTwice(Invalid):
    code = "ecu-twice"
    message = "The ECU {ecu} at address {place} stands twice in this type."


class BadHardwareId(Invalid):
    code = "bad-hardware-id"
    message = (
        'The hardware id "{hardware_id}" must be board:revision, a letter first, then letters, '
        "digits, dash and underscore; the revision may also hold dots."
    )


class ControllerIdMissing(Invalid):
    code = "controller-id-missing"
    message = "The controller id is empty. Give the name that the vehicle uses towards the gateway."


class BadControllerId(Invalid):
    code = "bad-controller-id"
    message = (
        '"{controller_id}" cannot be a controller id. Use at most 256 of: Latin letters, digits, '
        "dot, dash, underscore, colon, tilde."
    )


class VinMissing(Invalid):
    code = "vin-missing"
    message = "The VIN is empty."


class VinTaken(Conflict):
    code = "vin-taken"
    message = "A vehicle with the VIN {vin} is already registered. Remove this row."


class VinTwice(Conflict):
    code = "vin-twice"
    message = "The VIN {vin} stands further up in the same file. Remove one of the rows."


class ControllerIdTaken(Conflict):
    code = "controller-id-taken"
    message = 'The controller id "{controller_id}" belongs to another vehicle. Choose another.'


class ControllerIdTwice(Conflict):
    code = "controller-id-twice"
    message = 'The controller id "{controller_id}" stands further up in the same file.'


class UnknownType(Invalid):
    code = "unknown-type"
    message = 'There is no vehicle type "{type}". Register it first, or correct the code.'


class UnknownEcu(Invalid):
    code = "unknown-ecu"
    message = 'The type {type} has no ECU "{ecu}". It has: {ecus}.'


class UnknownVersion(Invalid):
    code = "unknown-version"
    message = (
        'The version "{version}" is not known for the ECU {ecu} of {type}. '
        "Add it to the known firmware of the type, or correct it."
    )


class BadToken(Invalid):
    code = "bad-token"
    message = (
        "The token must have 16 to 128 characters: Latin letters, digits, dot, dash, underscore, "
        "tilde. Leave it empty to have one made."
    )


class FileUnreadable(Invalid):
    code = "file-unreadable"
    message = "{path} cannot be read: {reason}."


class FileEmpty(Invalid):
    code = "file-empty"
    message = "{path} has no header row. The first row must name the columns."


class ColumnMissing(Invalid):
    code = "column-missing"
    message = 'The column "{column}" is missing. The file has: {columns}.'


class ColumnTwice(Invalid):
    code = "column-twice"
    message = 'The column "{column}" stands twice in the header.'


class WrongEncoding(Invalid):
    code = "wrong-encoding"
    message = (
        "{path} is not {encoding} text (byte {position}). Save it as UTF-8, or name its encoding."
    )


class TooManyValues(Invalid):
    code = "too-many-values"
    message = "The row has {count} values, the header {columns}. Look for a missing quotation mark."


class TooFewValues(Invalid):
    code = "too-few-values"
    message = "The row has {count} values, the header {columns}."


class NoBuildDay(Invalid):
    code = "no-build-day"
    message = '"{value}" is no day on which it can have been built. Write YYYY-MM-DD.'


class NotText(Invalid):
    code = "not-text"
    message = "The row holds a NUL character. The file is damaged, or is not a CSV file."
