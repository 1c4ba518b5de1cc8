"""Accounts: a person who can log in. What the person may do is a membership in an organisation."""
