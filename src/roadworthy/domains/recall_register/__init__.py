"""The public register of recalls: entered, imported, searched, counted.

* A recall stands here because an authority published it: each says which authority, which source,
  under which licence. What a source does not say stays empty; nothing is filled in by guessing.
* Entered by SAMR's own systems through the API, or read from files (docs/howto/import-recalls.md).
  What is entered twice changes nothing; what changed is amended, and the older words are kept.
* Figures counted from entered records stand beside those that an authority published, each with
  its source, and are never added to them.
"""
