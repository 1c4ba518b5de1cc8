"""What a manufacturer says about its vehicles: functions, names, descriptions, advertising.

* A text rests on an approval, is checked by the rulebook before anybody reads it in public, and is
  approved by somebody else than its writer (N45 Annex 1; Advertising Law, Articles 4 and 28).
* What was published stays readable in every version, with who approved it and when it was replaced.
"""
