"""Notices to owners by mail and by SMS, piece by piece, each with what proves that it was taken.

* Mail goes through the mail server of the digests; its Message-ID is the proof of sending.
* SMS goes as JSON to an address of the operator's provider, signed: ``X-Roadworthy-Signature`` is
  the HMAC-SHA256 of the body under the shared secret. The provider's ``id`` is the proof.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from roadworthy.domains.remedies import letters, sending
from roadworthy.domains.remedies.letters import To
from roadworthy.domains.remedies.sending import ToSend
from roadworthy.domains.remedies.states import Channel
from roadworthy.portals.shared import recall_links, smtp

AT_ONCE = 200  # notices in one turn of the clock
TIMEOUT_SECONDS = 10.0

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def mail_turn(
    server: smtp.Server, *, clock: Clock = _now, context: ssl.SSLContext | None = None
) -> int:
    """Send the next mails, and say how many the server took."""
    taken = 0
    for one in sending.take_up(channel=Channel.EMAIL, most=AT_ONCE, at=clock()):
        mail = written(one, at=clock())
        try:
            server.hand_in(mail, context=context)
        except smtp.NotTaken as error:
            logger.warning("recall notice: %s; trying again later", error)
            sending.not_taken(one=one)
        except smtp.Doubtful as error:
            logger.warning("recall notice: %s; not tried again", error)
        else:
            sending.sent(one=one, proof=mail["Message-ID"], at=clock())
            taken += 1
    return taken


def sms_turn(url: str, secret: str, *, clock: Clock = _now) -> int:
    """Hand the next text messages to the provider, and say how many it took."""
    taken = 0
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        for one in sending.take_up(channel=Channel.SMS, most=AT_ONCE, at=clock()):
            body = json.dumps(_message(one), ensure_ascii=False, sort_keys=True).encode()
            signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/json",
                "X-Roadworthy-Signature": f"sha256={signed}",
            }
            try:
                answer = client.post(url, content=body, headers=headers)
            except httpx.ConnectError as error:
                logger.warning("recall notice: %s; trying again later", error)
                sending.not_taken(one=one)
                continue
            except httpx.HTTPError as error:
                logger.warning("recall notice: %s; not tried again", error)
                continue
            if answer.is_success:
                sending.sent(one=one, proof=_proof(answer), at=clock())
                taken += 1
            else:
                logger.warning("recall notice: the provider answers %d", answer.status_code)
                sending.not_taken(one=one)
    return taken


def written(one: ToSend, *, at: datetime) -> EmailMessage:
    """Return the mail to an owner, with the letter attached."""
    to = addressee(one)
    mail = EmailMessage()
    mail["From"] = settings.ROADWORTHY.mail_sender
    mail["To"] = one.email
    mail["Subject"] = letters.title(one.language)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=urlsplit(settings.ROADWORTHY.public_url).hostname)
    parts = [f"{name}\n{text}" if name else text for name, text in letters.lines(one.content, to)]
    mail.set_content("\n\n".join(parts))
    mail.add_attachment(
        letters.letter(one.content, to),
        maintype="application",
        subtype="pdf",
        filename=f"{one.content[one.language]['number']}.pdf",
    )
    return mail


def addressee(one: ToSend) -> To:
    """Return whom a notice goes to, with the owner's own link."""
    link = settings.ROADWORTHY.public_url + recall_links.path(one.plan_id, one.vehicle_id)
    return To(name=one.name, address="", vin=one.vin, language=one.language, link=link)


def _message(one: ToSend) -> dict[str, str]:
    told, to = one.content[one.language], addressee(one)
    head = f"{letters.title(one.language)} {told['number']}"
    text = f"{head}\n{told['defect']}\n{told['emergency_advice']}\n{to.link} {told['hotline']}"
    return {"to": one.phone, "text": text, "id": f"{one.mailing_id}/{one.vehicle_id}"}


def _proof(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        told = None
    given = told.get("id") if isinstance(told, dict) else None
    return str(given or f"HTTP {answer.status_code}")
