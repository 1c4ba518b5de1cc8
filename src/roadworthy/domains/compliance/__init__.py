"""Which clause applies to which vehicle type from when, and with what evidence it is met.

* A cell of the matrix is never stored: it follows from the type, the day, the evidence and the
  rulebook, so every cell can say how it came about. What cannot be told names the missing fact.
* Where a rule of the rulebook speaks, it decides; the tables here only say what no rule says.
* Evidence is attached by homologation. A report under an institution's signature counts at once;
  what the manufacturer says of itself counts when somebody else has confirmed it.
* Stored are evidence, statements about a type, and what waits for somebody: gaps and notices.
"""
