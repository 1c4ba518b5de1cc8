"""The public register of recalls: entered, imported, searched, counted."""
