"""The exchange: signed messages between deployments, each of which serves one organisation.

* A message is durable here before its sender hears so, by an answer that is signed.
* On a line (one peer, one direction, one matter) messages are numbered without gaps and each names
  the digest of the one before; they take effect in that order, once.
* The exchange moves what others signed. A receipt counts by its authority's signature, never
  because a peer's deployment delivered it.
* What cannot take effect stops its own line only, and waits for a person to look.
"""
