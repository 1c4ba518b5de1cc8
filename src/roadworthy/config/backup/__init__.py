"""Back-ups of a whole deployment, and what it takes to put one back.

A back-up is a folder:

```
back-up.json       format, salt, and what tells the right passphrase from a wrong one
wal/               pieces of PostgreSQL's write-ahead log, written by the server as it goes on
objects/ab/abcd..  contents of files by SHA-256: images, documents, keys, metadata
sets/STAMP/        one run of ``roadworthy back-up``:
  base/            a base back-up of the database (pg_basebackup, checked by pg_verifybackup)
  secrets          the home's ``secrets``, sealed with the passphrase (AES-256-GCM)
  manifest.json    what belongs to the set, each with its SHA-256; the newest checkpoint of the log
  manifest.mac     HMAC-SHA-256 over it, with a key that only the passphrase gives
```

* Without the passphrase nobody reads the secrets or changes a set unnoticed. Signing keys lie in
  the back-up as in the home: each sealed with its own holder's passphrase.
* Personal data of the database are in ``base`` and ``wal`` in the clear: the folder has to be where
  the database may be.
* What a set cannot cover are pieces of ``wal`` that were written after it. What they change of the
  log is found by the log's own checkpoints.
"""
