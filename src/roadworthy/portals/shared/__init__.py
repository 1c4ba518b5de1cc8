"""What every portal shares: the shell of a page, its components, sign-in, words and formats.

A portal's own package holds its pages only; none imports another. Meaning goes into ``data-*``
attributes, looks into classes; the style sheets are ``static/roadworthy/``.
"""
