"""The standards catalogue: what there is, in which state, what it replaces, from which source."""
