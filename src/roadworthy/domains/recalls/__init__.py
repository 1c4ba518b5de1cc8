"""Defects, recall plans and their authority: a confirmed defect stops production and sale.

* A conclusion takes two people: who analyses proposes it, a compliance officer confirms it. "No
  defect" needs process, method, risk assessment and conclusion (IMP176 14).
* From "confirmed" on every plant, dealer and importer has an order to stop, and no vehicle that is
  not remedied is registered or delivered (IMP176 33). Nobody lifts that by hand: proof does.
* A plan says in words of ``scope`` which vehicles it is about; its vehicles are a frozen list, and
  of every vehicle it can be said why it is in or out.
* Deadlines come from the rulebook (RCL-01 to 15); "immediately" and "promptly" stay words.
"""
