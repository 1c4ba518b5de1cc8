"""What can go wrong in the exchange."""

from __future__ import annotations

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class NotYet(Exception):
    """Raised while a message is applied: a file or an earlier fact is missing; it waits.

    ``code`` and ``data`` become the reason that people read; see ``words.REASONS``.
    """

    def __init__(self, code: str, **data: str) -> None:
        self.code = code
        self.data = data
        super().__init__(code)


class NoExchange(Unavailable):
    code = "no-exchange"
    message = "This deployment takes no part in the exchange yet. Run: roadworthy peers card"


class NoSuchPeer(NotFound):
    code = "no-such-peer"
    message = "There is no such peer."


class NoSuchMessage(NotFound):
    code = "no-such-message"
    message = "There is no such message."


class TookNoEffect(Conflict):
    code = "message-took-no-effect"
    message = (
        "Roadworthy itself failed at this message ({fault}); nothing of it took effect. The log "
        "of the exchange says where. Try again after an update, or set it aside."
    )


class PeerExists(Conflict):
    code = "peer-exists"
    message = (
        'There is already a peer "{name}" with another key. End it first, if its deployment '
        "was really set up anew."
    )


class NameTaken(Conflict):
    code = "peer-name-taken"
    message = '"{name}" is the name of this deployment itself.'


class WrongFingerprint(Forbidden):
    code = "wrong-fingerprint"
    message = (
        "This is not the fingerprint of {name}'s card. Compare again with {name}'s people, over "
        "another channel than the one that the card came by; do not confirm before it agrees."
    )


class PeerNotConfirmed(Conflict):
    code = "peer-not-confirmed"
    message = "{name} is no confirmed peer: nothing is sent to it."


class ReasonMissing(Invalid):
    code = "reason-missing"
    message = "Say why."


class UnknownKind(Invalid):
    code = "unknown-kind"
    message = 'This deployment does not know messages "{kind}" of version {version}. Update it.'


class BodyUnreadable(Invalid):
    code = "body-unreadable"
    message = 'The content of this message "{kind}" cannot be read: {reason}.'


class AskedJustNow(Conflict):
    code = "asked-just-now"
    message = "It was compared with {name}, or asked to be, less than a minute ago. Wait for that."


class PeerUnreachable(Unavailable):
    code = "peer-unreachable"
    message = "{name} does not answer: {reason}."


class AnothersName(Conflict):
    code = "exchange-under-another-name"
    message = (
        'This deployment is known to its peers as "{name}", not as "{given}". '
        "Set ROADWORTHY_NAME back."
    )


class FileOther(Invalid):
    code = "file-other"
    message = "What came is not the file {sha256}: its digest is {found}."


class FileTooLarge(Invalid):
    code = "file-too-large"
    message = "The file {sha256} is larger than {bytes} bytes and was not fetched."


class WrongMatter(Invalid):
    code = "wrong-matter"
    message = 'This message "{kind}" speaks of something else than its matter, {matter}.'


class NoSuchLine(NotFound):
    code = "no-such-line"
    message = "There is no such halted line."


class DecideFirst(Conflict):
    code = "decide-first"
    message = "A message on this line cannot take effect. Decide about that message first."
