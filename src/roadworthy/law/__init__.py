"""The regulation packs, one folder each; ``roadworthy.law.rulebook`` is the way in.

Framework-free and without input or output: facts go in, findings come out. Legal numbers live in
the packs' dated YAML, never in Python.
"""

PACKS = (
    "cn_base",
    "cn_n45",
    "cn_ota",
    "cn_recall",
    "cn_std",
    "cn_incident",
    "cn_data",
    "cn_sys",
    "cn_drf",
    "un_r156",
    "us_nhtsa",
)
VERSION = "cn-2026.11"
