"""The register: what the rulebook has to hold, row by row, whether or not a rule is there yet.

Written after the instruments and before the rules, so that a rule nobody wrote is missed. One file
for each area; ``uncovered.yaml`` has what is left out and why, ``to_verify.yaml`` what a lawyer
still has to check.
"""
