"""Tables of the ledger. Rows are inserted; the database refuses to change or delete them."""

from django.db import models


class Entry(models.Model):
    """One step somebody took, as the canonical bytes that the log commits to."""

    at = models.DateTimeField()
    event = models.CharField(max_length=64)  # "filing:state:changed"
    subject = models.CharField(max_length=64)  # "filing/7"
    release_id = models.BigIntegerField(null=True)  # what the step is part of the story of
    body = models.BinaryField()  # RFC 8785 JSON; its RFC 6962 leaf hash goes into the tree

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="entry_by_subject"),
            models.Index(fields=["release_id", "id"], name="entry_by_release"),
        ]


class Pending(models.Model):
    """An entry that has no place in the tree yet: the sequencer's queue."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )


class Leaf(models.Model):
    """The place of an entry in the tree, given once by the sequencer."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")


class Tile(models.Model):
    """A tile of the tree (C2SP tlog-tiles): up to 256 hashes of one level, side by side."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()  # 32 bytes a hash

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "number"], name="tile_is_unique"),
        ]


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root (C2SP tlog-checkpoint)."""

    size = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    note = models.TextField()  # signed note, with cosignatures of witnesses
    at = models.DateTimeField()
    witnessed_at = models.DateTimeField(null=True)  # of the last cosignature


class WitnessMemory(models.Model):
    """The last checkpoint that a witness cosigned, by the witness's key and the log's origin."""

    witness = models.CharField(max_length=200)
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["witness", "origin"], name="witness_remembers_once"),
        ]


class Restoration(models.Model):
    """That the database was put back to an earlier state, and what the log knew beyond it.

    Append-only. The newest row holds the sequencer until the log has ``known_size`` entries again,
    and they lead to ``known_root``. How many rows there are is the deployment's epoch.
    """

    at = models.DateTimeField()
    restored_to = models.DateTimeField(null=True)  # null: as far as the archive went
    found_size = models.BigIntegerField()  # entries in the log of the restored database
    known_size = models.BigIntegerField()  # of the newest checkpoint that anybody showed
    known_root = models.CharField(max_length=64)
    brought_back = models.BigIntegerField()  # entries that came back from the archive behind it
