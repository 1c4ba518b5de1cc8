"""What the rulebook has answered to the cases, version by version, and why an answer changed.

One file for each pack, written by ``scripts/past_answers.py`` and never by hand. Nothing leaves
these files: an answer that changed or a case that went keeps what it was, with its erratum.
"""
