"""Notices: what owners are told, word for word, in each language, in a version that stays."""
