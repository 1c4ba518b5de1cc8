"""Campaigns: a release reaches a frozen list of vehicles, in groups, with consent and proof.

Success is counted only when the vehicle later reports the version that was sent.
"""
