"""Complaints and disputes about software and driver assistance, and what they add up to.

* Who complained and what they wrote is personal data: it stands in these tables, never in the
  ledger, and only after-sales service and the compliance officer read it (N45 Part 4 (9)).
* No source gives a time within which a complaint is answered: the days here are the manufacturer's
  own service levels.
* Counts never predict: they say how many of how many vehicles, and which threshold was reached.
"""
