"""Both ends show a certificate, and each knows the other's beforehand: no public CA is trusted."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING

from roadworthy.domains.exchange.identity import Identity

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer


def server_context(identity: Identity) -> ssl.SSLContext:
    """Return the context of our end that listens; ``trust`` says whose calls it takes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(identity.leaf, identity.leaf_key, password=identity.passphrase)
    return context


def trust(context: ssl.SSLContext, certificate: str) -> None:
    """Let a peer's CA open connections from now on; which peer may do what is asked later."""
    context.load_verify_locations(cadata=certificate)


def client_context(identity: Identity, peer: Peer) -> ssl.SSLContext:
    """Return the context of our end that calls one peer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The certificate is known by its digest; a name that anybody may have says less.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=peer.certificate)
    context.load_cert_chain(identity.leaf, identity.leaf_key, password=identity.passphrase)
    return context


def leaf_sha256(connection: object) -> str:
    """Return the digest of the certificate at the other end; empty: it showed none."""
    read = getattr(connection, "getpeercert", None)
    der = read(True) if read else None
    return hashlib.sha256(der).hexdigest() if der else ""
