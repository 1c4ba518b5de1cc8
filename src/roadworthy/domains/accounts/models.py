"""Tables of the accounts domain."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class Language(models.TextChoices):
    """The languages that every page exists in."""

    ZH = "zh-hans", "中文"
    EN = "en", "English"


class People(BaseUserManager["User"]):
    """Look people up by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with an e-mail address and a password; personal data, never in the ledger."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.ZH)
    is_active = models.BooleanField(default=True)
    salt = models.BinaryField()  # of the commitment by which the ledger knows this person

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.name
