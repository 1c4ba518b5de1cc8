"""Filings: what a manufacturer submits, what each authority answers, and the gate that follows.

One dossier has one digest. Each authority gets its own filing of that dossier and answers for
itself; an acceptance is a signature over the digest of exactly what was filed. The gate collects
the signatures that the release's labels ask for and publishes metadata only when all are there.
"""
