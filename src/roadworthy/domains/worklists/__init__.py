"""Work lists: what each person has to do, by when and why, out of what the other domains hold.

An item is never stored: it is there as long as its cause is. What is stored is who was given it
(a chain that is only added to), what a type owes by itself, and how a person wants to be told.

A source of work is one function of ``Asked`` that returns a domain's rows as ``columns.lines`` has
them, and one line in ``sources.OF_MANUFACTURER`` or ``OF_AUTHORITY``. Its kind stands in ``items``
(``Kind``, whose it is in ``ROLES``, why in ``BASIS``), its words and its page in
``portals/shared/work.py``. Paging, order, filters, counts, hand-over, calendar, feed and
mail then hold for it as well.
"""
