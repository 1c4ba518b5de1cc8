"""The mail with somebody's work list: in their language, as text and as HTML, and easy to stop.

Nothing in it opens anything: the links lead to pages that ask who is there. The one exception is
the link that stops the mail, and all it does is that.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.worklists import digests
from roadworthy.domains.worklists.digests import Digest
from roadworthy.portals.shared import agenda_views, formats, smtp, work

LONGEST = 50  # lines; the rest is on the page

logger = logging.getLogger(__name__)


def turn(
    server: smtp.Server,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    context: ssl.SSLContext | None = None,
) -> int:
    """Send what is due now and return how many mails the server took."""
    taken = 0
    for delivery_id in digests.due(at=clock()):
        digest = digests.begin(delivery_id=delivery_id, at=clock())
        if digest is None:
            continue
        try:
            server.hand_in(written(digest, at=clock()), context=context)
        except smtp.NotTaken as error:
            logger.warning("digest %d: %s; trying again later", delivery_id, error)
            digests.not_sent(delivery_id=delivery_id, problem=str(error), at=clock())
        except smtp.Doubtful as error:
            logger.warning("digest %d: %s; not tried again", delivery_id, error)
            digests.doubtful(delivery_id=delivery_id, problem=str(error), at=clock())
        else:
            digests.sent(delivery_id=delivery_id, at=clock())
            taken += 1
    return taken


def written(digest: Digest, *, at: datetime) -> EmailMessage:
    """Return the mail of a digest, in the language of who gets it."""
    sender = settings.ROADWORTHY.mail_sender
    stop = agenda_views.stop_link(digest.setting_id)
    with translation.override(digest.agenda.language):
        context = _context(digest, stop)
        mail = EmailMessage()
        mail["Subject"] = _subject(digest, context["late"])
        mail["From"] = f"Roadworthy <{sender}>"
        mail["To"] = digest.agenda.email
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<digest-{digest.delivery_id}@{_host()}>"
        mail["Content-Language"] = digest.agenda.language
        mail["List-Unsubscribe"] = f"<{stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render_to_string("shared/agenda/mail.txt", context))
        mail.add_alternative(render_to_string("shared/agenda/mail.html", context), subtype="html")
    return mail


def _context(digest: Digest, stop: str) -> dict[str, object]:
    agenda, site = digest.agenda, settings.ROADWORTHY.public_url
    space = work.SPACES[agenda.party]
    rows = [work.row(item, space, digest.day, agenda.user_id) for item in digest.items]
    return {
        "person": agenda.person,
        "organisation": formats.localised(agenda.organisation),
        "day": formats.long_day(digest.day),
        "rows": rows[:LONGEST],
        "more": max(len(rows) - LONGEST, 0),
        "late": _late(digest, digest.day),
        "site": site,
        "list_url": f"{site}{reverse(f'{space}:work')}",
        "stop": stop,
        "language": agenda.language,
    }


def _late(digest: Digest, today: date) -> int:
    return sum(item.is_late(today) for item in digest.items)


def _subject(digest: Digest, late: object) -> str:
    number = len(digest.items)
    said = ngettext("{n} piece of work", "{n} pieces of work", number).format(n=number)
    if late:
        said = _("{work}, {late} late").format(work=said, late=late)
    return _("Roadworthy: {work} – {day}").format(work=said, day=formats.day(digest.day))


def _host() -> str:
    return urlsplit(settings.ROADWORTHY.public_url).hostname or "roadworthy"
