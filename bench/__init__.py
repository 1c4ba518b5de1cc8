"""Reproducible measurements against named peers; results with the machine that gave them."""
