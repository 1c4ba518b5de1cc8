"""Market access: what is applied for, what was approved, and what of it is in force.

An approval speaks of one vehicle type. Its versions are fixed: a product change makes the next
one. The application is the manufacturer's working copy; what an authority reads is the dossier
of a filing (the domain above), composed from it.
"""
