"""The rules engine: dated parameters and facts in, findings with their whole reasoning out.

Knows no particular law; the packs in ``roadworthy.law`` are what it reads.
"""
