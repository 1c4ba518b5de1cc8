"""Conformity: what vehicles report against what is approved, and software that nobody filed."""
