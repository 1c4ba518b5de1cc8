"""The witness that an authority runs: it cosigns a checkpoint only as the continuation of the last.

In production it runs on the authority's own machine with the authority's own key; on a shared
deployment it is this step, taken by the key's holder.
"""

from __future__ import annotations

from datetime import datetime

from roadworthy.domains.filings import signing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.proofs import witness_name
from roadworthy.domains.ledger import sequencing
from roadworthy.domains.ledger.models import Checkpoint
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.trust.notes import Kind, NoteSigner


def cosign(*, passphrase: str, platform: Platform, actor: Actor, at: datetime) -> Checkpoint:
    """Sequence what waits and cosign the newest checkpoint.

    Raises:
        NotAMember, NotYourKey, WrongPassphrase.
        NothingLogged: there is no checkpoint yet.
        CheckpointRefused: the log does not continue what this witness has seen.
    """
    witnessed(actor)
    key, signer = signing.open_own(actor, KeyPurpose.WITNESS, passphrase, platform.keystore)
    sequencing.sequence(signer=platform.log, at=at, head=platform.head)
    witness = NoteSigner(witness_name(key.organisation.slug), Kind.COSIGNATURE, signer)
    return sequencing.cosign(witness=witness, log_key=platform.log.verifier, at=at)
