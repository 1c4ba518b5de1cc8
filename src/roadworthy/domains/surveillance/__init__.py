"""Reports of many kinds and countries, and what they add up to: signals beside exposure.

* A register holds the reports of one source: a public one, which everybody may read, or one
  manufacturer's own. A report has versions; the newest counts, the earlier ones are kept.
* One incident that several entities report counts once. Who reported it first in the register
  stands for it.
* A value that its publisher blacked out is known as blacked out; it is never text, never a guess.
* What is counted is exposure, never a prediction. Without vehicles and time there is no rate.
* ``n`` similar events (INC-08) is the manufacturer's own dated level: no source gives a number.
"""
