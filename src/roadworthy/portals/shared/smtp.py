"""Hand one mail to a mail server, and know afterwards whether it has taken it.

* ``NotTaken``: certainly not; trying again is right.
* ``Doubtful``: the connection broke after the mail was on its way; trying again could send twice.
* With ``smtps`` and ``smtp+starttls`` nothing goes over an unencrypted or unverified connection.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from roadworthy.kernel.errors import Unavailable

TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class NotTaken(Unavailable):
    code = "mail-not-taken"
    message = "The mail server has not taken the mail: {why}"


class Doubtful(Unavailable):
    code = "mail-doubtful"
    message = "Whether the mail server has taken the mail is not known: {why}"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and how. The password does not show itself."""

    scheme: str
    host: str
    port: int
    user: str = ""
    _password: str = ""

    @classmethod
    def at(cls, url: str) -> Server:
        """Read an address such as ``smtp+starttls://user:password@mail.example:587``."""
        parts = urlsplit(url)
        return cls(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            _password=unquote(parts.password or ""),
        )

    def __repr__(self) -> str:
        return f"Server({self.scheme}://{self.host}:{self.port})"

    def hand_in(self, mail: EmailMessage, *, context: ssl.SSLContext | None = None) -> None:
        """Give a mail to the server; ``context`` says whose certificates are believed.

        Raises:
            NotTaken: it certainly has not taken it.
            Doubtful: nobody can know.
        """
        context = context or ssl.create_default_context()
        try:
            connection = self._connected(context)
        except (OSError, smtplib.SMTPException) as wrong:
            raise NotTaken(why=_said(wrong)) from None
        try:
            connection.send_message(mail)
        # The server's own "no", to sender, recipient or content: an answer, so it is not there.
        except (
            smtplib.SMTPResponseException,
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPNotSupportedError,
        ) as refused:
            raise NotTaken(why=_said(refused)) from None
        except (OSError, smtplib.SMTPException) as broken:
            raise Doubtful(why=_said(broken)) from None
        finally:
            _leave(connection)

    def _connected(self, context: ssl.SSLContext) -> smtplib.SMTP:
        connection: smtplib.SMTP
        if self.scheme == "smtps":
            connection = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.scheme == "smtp+starttls":
                connection.starttls(context=context)
            if self.user:
                connection.login(self.user, self._password)
        except (OSError, smtplib.SMTPException):
            _leave(connection)
            raise
        return connection


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; what the server makes of it no longer matters."""
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _said(wrong: Exception) -> str:
    """Return what the server said, without anything of ours."""
    if isinstance(wrong, smtplib.SMTPResponseException):
        text = wrong.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        return f"{wrong.smtp_code} {said}"
    if isinstance(wrong, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({str(code) for code, _text in wrong.recipients.values()}))
    return type(wrong).__name__
