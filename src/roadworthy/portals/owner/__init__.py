"""The owner's pages, reached by the link in a notice: no account, no abbreviations."""
