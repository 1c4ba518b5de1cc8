"""Tables of the disclosure domain."""

from django.db import models

from roadworthy.domains.accounts.models import User
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import VehicleType


class Function(models.Model):
    """A driver-assistance or automation function of one type, and the approval it rests on."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)  # the manufacturer's own short name
    name = models.JSONField()  # {"zh-hans", "en"}: how engineers call it; what is public is a text
    level = models.PositiveSmallIntegerField()  # GB/T 40429, 0-5
    approval_number = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "code"], name="function_code_is_unique"),
            models.CheckConstraint(
                condition=models.Q(level__range=(0, 5)), name="function_level_exists"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Text(models.Model):
    """Something said about a type, a function or a release, through all its versions."""

    manufacturer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="+")
    function = models.ForeignKey(
        Function, on_delete=models.PROTECT, null=True, related_name="texts"
    )
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=200, blank=True)  # where it stands: a page, a screen
    approval_number = models.CharField(max_length=64)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel__in=list(Channel)), name="text_channel_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(release__isnull=False, channel=Channel.UPDATE)
                | (models.Q(release__isnull=True) & ~models.Q(channel=Channel.UPDATE)),
                name="only_an_update_text_has_a_release",
            ),
        ]
        indexes = [models.Index(fields=["manufacturer", "-id"], name="text_newest")]


class Version(models.Model):
    """One wording of a text. Its content is fixed once it leaves the draft."""

    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # {"zh-hans": {field: words}, "en": {...}}
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default=State.DRAFT)
    # Why words that no law names, and that the checker hints at, are used all the same.
    hint_reason = models.TextField(blank=True)
    checked = models.JSONField(default=dict)  # what the checker found at the last step
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)  # what the reviewer wrote, or why it was withdrawn
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text", "number"], name="text_version_is_unique"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="text_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["text"],
                condition=models.Q(state=State.PUBLISHED),
                name="one_version_is_public",
            ),
            models.UniqueConstraint(
                fields=["text"],
                condition=models.Q(state__in=[State.DRAFT, State.IN_REVIEW, State.APPROVED]),
                name="one_version_is_in_work",
            ),
        ]
        indexes = [models.Index(fields=["state", "-published_at"], name="version_by_state")]
