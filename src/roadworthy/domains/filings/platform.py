"""What the platform holds on disk: keystore, online keys, images, the served TUF repository.

Root and targets keys are offline: they are opened for one ceremony by whoever knows their
passphrases. The server itself holds only the keys that order and date what others signed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from securesystemslib.signer import Signer

from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger.holding import Head
from roadworthy.domains.software.images import ImageStore
from roadworthy.kernel.errors import Conflict, Unavailable
from roadworthy.trust.keys import Keystore
from roadworthy.trust.notes import Kind, NoteSigner
from roadworthy.trust.online import OnlineSigners
from roadworthy.trust.repository_files import NoSuchContent, TargetContents

OFFLINE = ("root", "targets")
ONLINE = ("snapshot", "timestamp", "log")


class NotInitialised(Unavailable):
    code = "platform-not-initialised"
    message = "This deployment has no platform keys yet. Run: roadworthy init"


class AlreadyInitialised(Conflict):
    code = "platform-already-initialised"
    message = "This deployment has its platform keys already."


@dataclass(frozen=True)
class Platform:
    """The directories and the online keys of one deployment."""

    home: Path
    keystore: Keystore
    images: ImageStore
    documents: DocumentStore
    online: OnlineSigners
    log: NoteSigner  # signs checkpoints; its name is the log's origin

    @property
    def tuf(self) -> Path:
        """Return the directory that the gateway serves as the image repository."""
        return self.home / "tuf"

    @property
    def head(self) -> Head:
        """Return what this deployment remembers of its log outside the database."""
        return Head(self.home / "log" / "head")

    @classmethod
    def open(
        cls, home: Path, online_passphrase: str, *, documents: DocumentStore | None = None
    ) -> Platform:
        """Open the online keys of an initialised deployment.

        ``documents`` brings the deployment's limits and scanner; else the store has the defaults.

        Raises:
            NotInitialised: ``create`` never ran here.
            WrongPassphrase: the passphrase of the online keys is another.
        """
        keyids = _keyids(home)
        keystore = Keystore(home / "keys")
        signers = {name: keystore.signer(keyids[name], online_passphrase) for name in ONLINE}
        return cls(
            home,
            keystore,
            ImageStore(home / "images"),
            documents or DocumentStore(home / "documents"),
            OnlineSigners(signers["snapshot"], signers["timestamp"]),
            NoteSigner(keyids["origin"], Kind.ED25519, signers["log"]),
        )

    @classmethod
    def create(cls, home: Path, *, online_passphrase: str, offline_passphrase: str) -> Platform:
        """Make the platform's keys.

        Raises:
            AlreadyInitialised: they exist.
        """
        index = home / "keys" / "platform.json"
        if index.exists():
            raise AlreadyInitialised
        keystore = Keystore(home / "keys")
        keyids = {name: keystore.create(offline_passphrase).keyid for name in OFFLINE}
        keyids |= {name: keystore.create(online_passphrase).keyid for name in ONLINE}
        # The origin names this log among all logs: its key's id is unique and tells nothing.
        keyids["origin"] = f"roadworthy.example/log/{keyids['log'][:16]}"
        index.write_text(json.dumps(keyids, indent=1) + "\n")
        return cls.open(home, online_passphrase)

    @property
    def contents(self) -> TargetContents:
        """Return the images as the repository's export reads them."""
        return _Contents(self.images)

    def offline(self, name: str, passphrase: str) -> Signer:
        """Open an offline key for a ceremony.

        Raises:
            WrongPassphrase: the passphrase does not open it.
        """
        return self.keystore.signer(_keyids(self.home)[name], passphrase)


@dataclass(frozen=True, slots=True)
class _Contents:
    images: ImageStore

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self.images.path(sha256).open("rb")
        except FileNotFoundError:
            raise NoSuchContent(sha256=sha256) from None


def _keyids(home: Path) -> dict[str, Any]:
    try:
        keyids: dict[str, Any] = json.loads((home / "keys" / "platform.json").read_text())
    except FileNotFoundError:
        raise NotInitialised from None
    return keyids
