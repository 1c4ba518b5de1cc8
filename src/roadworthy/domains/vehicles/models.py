"""Tables of the vehicles domain."""

from django.db import models

from roadworthy.domains.organisations.models import Organisation


class VehicleType(models.Model):
    """An approved type: what the approval covers and the ECUs that its vehicles carry."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)  # the manufacturer's model code
    name = models.JSONField()
    approval_number = models.CharField(max_length=64)
    approved_on = models.DateField()
    automation_level = models.PositiveSmallIntegerField()  # GB/T 40429, 0-5
    parameters = models.JSONField(default=dict)  # main technical parameters, as filed
    source = models.CharField(max_length=120, blank=True)  # "opendbc 0.3.1 toyota/TOYOTA_RAV4"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "code"], name="type_code_is_unique"),
        ]

    def __str__(self) -> str:
        return self.code


class Ecu(models.Model):
    """An electronic control unit of a type, by its diagnostic address."""

    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)  # opendbc's ECU name: "fwdCamera"
    address = models.PositiveBigIntegerField()  # UDS request address
    sub_address = models.PositiveIntegerField(null=True)
    hardware_id = models.CharField(max_length=64)  # board:revision, what SWUpdate compares
    # Whether its software counts for the type approval, and so for the SWIN (UN R156 7.1.1.4).
    approval_relevant = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "name", "address", "sub_address"],
                nulls_distinct=False,
                name="ecu_slot_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KnownFirmware(models.Model):
    """A version that an inventory has seen on an ECU. No order between versions is implied."""

    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, related_name="+")
    raw = models.BinaryField()  # the UDS answer, every byte
    version = models.CharField(max_length=200)  # the readable form, unique within the ECU

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ecu", "raw"], name="firmware_is_unique_on_its_ecu"),
            models.UniqueConstraint(fields=["ecu", "version"], name="version_text_is_unique"),
        ]


class Vehicle(models.Model):
    """One vehicle. The VIN is personal data: outside this table it appears as a commitment."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, null=True, related_name="+")
    vin = models.CharField(max_length=17, null=True)  # null: seen on the network, not registered
    controller_id = models.CharField(max_length=256)  # how it names itself to the gateway
    token_sha256 = models.CharField(max_length=64, blank=True)
    salt = models.BinaryField()
    registered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    attributes = models.JSONField(default=dict)  # what configData said last
    imported = models.JSONField(default=dict)  # columns of its import file that have no field here
    built_on = models.DateField(null=True)
    # Of the approval-relevant software it has now, as in its newest ``SwinRecord``; empty: unknown.
    software_sha256 = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "controller_id"], name="controller_id_is_unique"
            ),
            models.UniqueConstraint(fields=["manufacturer", "vin"], name="vin_is_unique"),
        ]
        indexes = [
            models.Index(fields=["type"], name="vehicle_by_type"),
            models.Index(fields=["type", "software_sha256"], name="vehicle_by_software"),
        ]

    def __str__(self) -> str:
        return self.controller_id


class InstalledSoftware(models.Model):
    """What runs on one ECU of one vehicle now, and how we know."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=200)
    since = models.DateTimeField()
    source = models.CharField(max_length=16)  # "baseline" | "vehicle" (it said so itself)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "ecu"], name="one_version_per_slot"),
        ]
        indexes = [models.Index(fields=["ecu", "version"], name="installed_by_version")]


class EcuReport(models.Model):
    """A vehicle said what an ECU runs. Append-only; the history of ``InstalledSoftware``."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vehicle", "ecu", "id"], name="report_by_slot")]


class SwinRecord(models.Model):
    """The software identification number of a vehicle from a moment on. Append-only."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    regulation = models.CharField(max_length=24)  # "GB 44496", "UN R156"
    swin = models.CharField(max_length=80)
    software_sha256 = models.CharField(max_length=64)  # over the canonical set (ecu, version)
    at = models.DateTimeField()
    basis = models.CharField(max_length=64)  # "baseline" | "action/12"

    class Meta:
        indexes = [models.Index(fields=["vehicle", "regulation", "-id"], name="swin_current")]


class SwinSet(models.Model):
    """What a number stands for: the approval-relevant software of a type, set by set. Append-only.

    UN R156 7.1.2.3 asks for it: for each RXSWIN, a register of all its software.
    """

    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    software_sha256 = models.CharField(max_length=64)  # over the canonical bytes of ``software``
    software = models.JSONField()  # version by ECU label; null: the ECU has not said
    first_at = models.DateTimeField()  # when a vehicle first had it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "software_sha256"], name="swin_set_once"),
        ]


class UnknownSoftware(models.Model):
    """A version that a vehicle reported and that no baseline or release covers: a finding."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="+")
    ecu = models.ForeignKey(Ecu, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.CharField(max_length=200)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "ecu", "version"],
                nulls_distinct=False,
                name="unknown_software_once",
            ),
        ]
