"""What can be done to an account."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from roadworthy.domains.accounts.models import Language, User
from roadworthy.domains.ledger import services as ledger
from roadworthy.kernel.errors import Conflict, Invalid, NotFound

SALT_BYTES = 16


class EmailTaken(Conflict):
    code = "email-taken"
    message = "There is already an account for {email}."


class WeakPassword(Invalid):
    code = "weak-password"
    message = "This password cannot be used: {reasons}"


class NoSuchUser(NotFound):
    code = "no-such-user"
    message = "There is no such account."


class UnknownLanguage(Invalid):
    code = "unknown-language"
    message = '"{language}" is not a language of this site. Choose one of: {choices}.'


def create_user(
    *,
    email: str,
    name: str,
    password: str,
    language: str,
    actor: ledger.Named,
    at: datetime,
) -> User:
    """Open an account.

    Raises:
        EmailTaken: the address has an account, whatever its case.
        WeakPassword: the password fails the validators of the settings.
        UnknownLanguage: ``language`` is not one of the site's.
    """
    _check_language(language)
    user = User(email=email, name=name, language=language, salt=secrets.token_bytes(SALT_BYTES))
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise WeakPassword(reasons=" ".join(refused.messages)) from None
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            ledger.record(
                event="account:opened", subject=f"user/{user.pk}", actor=actor, at=at, data={}
            )
    except IntegrityError:
        raise EmailTaken(email=email) from None
    return user


def open_for_machine(*, name: str, actor: ledger.Named, at: datetime) -> User:
    """Open the account of another system: nobody can sign in to it, it has no password."""
    user = User(
        # A name that can receive no mail (RFC 2606) and that no person can have.
        email=f"{secrets.token_hex(SALT_BYTES)}@system.invalid",
        name=name,
        language=Language.EN,
        salt=secrets.token_bytes(SALT_BYTES),
    )
    user.set_unusable_password()
    user.save()
    ledger.record(event="account:opened", subject=f"user/{user.pk}", actor=actor, at=at, data={})
    return user


def close(user_id: int) -> None:
    """Close an account: from now on nobody acts under it."""
    User.objects.filter(pk=user_id).update(is_active=False)


@transaction.atomic(durable=True)
def choose_language(*, user_id: int, language: str) -> None:
    """Remember the language in which a person reads the site.

    Raises:
        UnknownLanguage: it is not one of the site's.
        NoSuchUser: nobody has that id.
    """
    _check_language(language)
    if not User.objects.filter(pk=user_id).update(language=language):
        raise NoSuchUser


def _check_language(language: str) -> None:
    if language not in Language.values:
        raise UnknownLanguage(language=language, choices=", ".join(Language.values))
