"""Organisations: manufacturers, the two authorities, test institutions; who works there, as what.

A signing key belongs to one person in one organisation for one purpose. Nothing signs with a key
that the deciding person does not hold.
"""
