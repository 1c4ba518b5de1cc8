"""Work lists: what each person has to do, by when and why, out of what the other domains hold.

An item is never stored: it is there as long as its cause is. What is stored is who was given it
(a chain that is only added to), what a type owes by itself, and how a person wants to be told.
"""
