"""What happens to each vehicle and owner of a recall: told, remedied, proven, reported.

* A notice is queued for every vehicle of the plan's scope, set by set in the database: who has no
  address is on the follow-up list from that moment, never silently counted as told.
* "Told" means that a notice was sent and did not come back. What an owner answered is kept.
* A vehicle is remedied when its running version proves it, or a workshop reports the repair with
  the version it read back or with evidence. "Sent" and "installed" prove nothing.
* Counts are kept beside the rows in the same transaction, so that a recall of millions of vehicles
  is followed without counting millions of rows.
* Addresses of owners are personal data: they are in ``Contact`` only, can be erased, and never
  reach the ledger.
"""
