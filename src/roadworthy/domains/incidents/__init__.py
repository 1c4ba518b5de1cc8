"""Incidents on the road: who told of them, what is known since when, who was told, what is kept.

* One incident, many accounts of it; an account is corrected by a new version, never changed.
* What is known is a list of statements, each with the moment at which the manufacturer learned it
  and the one at which it was written down. Nothing is overwritten.
* The rulebook says which report is owed to whom by when (N45, SOTA20, NEV19); "promptly" has no
  number here, only the manufacturer's own.
* Both authorities get the same bytes. An incident does not close before each has acknowledged.
* What recorders hold is kept by digest under a hold that two people end, not one; until then the
  database refuses to let go of it, whoever asks.
* Persons, VINs and words stand in these tables, never in the ledger.
"""
