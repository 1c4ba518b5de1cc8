"""What a restore does with the log: compare, name what is missing, bring it back from another copy.

Works on connections, not on models: of two databases at once, neither of which serves anybody. It
reads ``ledger_*`` as the migrations make them. Entries are hashed anew from their bodies: what the
tiles say is believed of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from roadworthy.kernel.errors import Conflict
from roadworthy.trust.checkpoints import Checkpoint
from roadworthy.trust.tiles import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, MemoryTiles
from roadworthy.trust.tlog import Log, leaf_hash

BATCH = 10_000
NAMED = 20  # of what is at fault, before it is only counted

Database = Connection[TupleRow]


class NotTheSameLog(Conflict):
    code = "not-the-same-log"
    message = (
        "The log does not continue what is known of it: of its first {size} entries the root is "
        "{root}, known is {known}. {faults}Nothing was restored."
    )


class OtherEntry(Conflict):
    code = "other-entry"
    message = "Entry {entry} of the log is another one in the restored database."


@dataclass(frozen=True, slots=True)
class Missing:
    """A step that the log has and the restored database does not."""

    index: int
    at: datetime
    event: str
    subject: str


def size(database: Database) -> int:
    """Return the number of sequenced entries."""
    row = database.execute("SELECT coalesce(max(index) + 1, 0) FROM ledger_leaf").fetchone()
    return int(row[0]) if row else 0


def newest_note(database: Database) -> bytes | None:
    """Return the newest checkpoint as it was signed."""
    row = database.execute(
        "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return str(row[0]).encode() if row else None


def tree(database: Database, sizes: Sequence[int]) -> Mapping[int, bytes]:
    """Return the roots of the first so many entries, hashed from the bodies; sizes it has."""
    wanted = sorted({one for one in sizes if one <= size(database)})
    found: dict[int, bytes] = {0: Log(MemoryTiles(), 0).root()}
    grown = Log(MemoryTiles(), 0)
    waiting: list[bytes] = []
    for body in _bodies(database, wanted[-1] if wanted else 0):
        waiting.append(leaf_hash(body))
        reached = grown.size + len(waiting)
        if reached in wanted or len(waiting) == BATCH:
            grown, waiting = grown.append_hashes(waiting), []
            if reached in wanted:
                found[reached] = grown.root()
    return found


def check(database: Database, known: Sequence[Checkpoint]) -> None:
    """Make sure that the log continues all of these, as far as it reaches.

    Raises:
        NotTheSameLog: it does not; names the entries whose bodies are not what was hashed.
    """
    roots = tree(database, [one.size for one in known])
    for one in known:
        if one.size in roots and roots[one.size] != one.root:
            raise NotTheSameLog(
                size=one.size,
                root=roots[one.size].hex(),
                known=one.root.hex(),
                faults=_said(altered(database)),
            )


def altered(database: Database) -> list[int]:
    """Return the places of entries whose bodies are no longer what the tiles say was hashed."""
    told = {
        number: bytes(hashes)
        for number, hashes in database.execute(
            "SELECT number, hashes FROM ledger_tile WHERE level = 0"
        )
    }
    wrong = []
    for index, body in enumerate(_bodies(database, size(database))):
        tile, place = divmod(index, TILE_WIDTH)
        kept = told.get(tile, b"")[place * HASH_SIZE : (place + 1) * HASH_SIZE]
        if kept != leaf_hash(body):
            wrong.append(index)
    return wrong


def missing(newer: Database, first: int) -> list[Missing]:
    """Return the entries from a place on, as the newer copy has them."""
    rows = newer.execute(
        "SELECT l.index, e.at, e.event, e.subject FROM ledger_leaf l "
        "JOIN ledger_entry e ON e.id = l.entry_id WHERE l.index >= %s ORDER BY l.index",
        [first],
    )
    return [Missing(*row) for row in rows]


def bring_back(newer: Database, older: Database) -> int:
    """Give the older database every entry of the log that the newer one has; return how many.

    Numbers that the newer one gave away are not given again: a subject such as "filing/7" stands
    in the log for one filing for ever. Metadata that was signed for vehicles stays signed, too.

    Raises:
        OtherEntry: both have an entry of one number, and it is not the same.
    """
    first = size(older)
    with older.transaction():
        _copy_entries(newer, older, first)
        _copy_tiles(newer, older, first)
        _copy_rows(
            newer,
            older,
            "ledger_checkpoint",
            ("size", "root", "note", "at", "witnessed_at"),
            "size",
            first,
        )
        _copy_rows(
            newer, older, "filings_tufmetadata", ("role", "version", "content", "at"), "version", -1
        )
        older.execute(
            "DELETE FROM ledger_pending p USING ledger_leaf l WHERE l.entry_id = p.entry_id"
        )
        _remember(newer, older, first)
        _advance(newer, older)
    return size(older) - first


def _copy_entries(newer: Database, older: Database, first: int) -> None:
    found = newer.cursor(name="entries")
    found.itersize = BATCH
    found.execute(
        "SELECT l.index, e.id, e.at, e.event, e.subject, e.release_id, e.body FROM ledger_leaf l "
        "JOIN ledger_entry e ON e.id = l.entry_id WHERE l.index >= %s ORDER BY l.index",
        [first],
    )
    for index, number, at, event, subject, release, body in found:
        held = older.execute("SELECT body FROM ledger_entry WHERE id = %s", [number]).fetchone()
        if held is None:
            older.execute(
                "INSERT INTO ledger_entry (id, at, event, subject, release_id, body) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [number, at, event, subject, release, body],
            )
        elif bytes(held[0]) != bytes(body):
            raise OtherEntry(entry=index)
        older.execute("INSERT INTO ledger_leaf (index, entry_id) VALUES (%s, %s)", [index, number])


def _copy_tiles(newer: Database, older: Database, first: int) -> None:
    rows = newer.execute(
        "SELECT level, number, hashes FROM ledger_tile "
        "WHERE number >= (%s::bigint >> (%s * (level + 1)))",
        [first, TILE_HEIGHT],
    )
    for row in rows:
        older.execute(
            "INSERT INTO ledger_tile (level, number, hashes) VALUES (%s, %s, %s) "
            "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
            row,
        )


def _copy_rows(
    newer: Database, older: Database, table: str, columns: Sequence[str], over: str, first: int
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    holes = sql.SQL(", ").join(sql.Placeholder() * len(columns))
    rows = newer.execute(
        sql.SQL("SELECT {} FROM {} WHERE {} > %s ORDER BY id").format(
            names, sql.Identifier(table), sql.Identifier(over)
        ),
        [first],
    )
    into = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
        sql.Identifier(table), names, holes
    )
    for row in rows:
        older.execute(into, row)


def _remember(newer: Database, older: Database, first: int) -> None:
    """Keep what must not be forgotten: what a witness saw of logs, what peers were told of ours."""
    rows = newer.execute("SELECT witness, origin, size, root FROM ledger_witnessmemory")
    for row in rows:
        older.execute(
            "INSERT INTO ledger_witnessmemory (witness, origin, size, root) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (witness, origin) DO UPDATE "
            "SET size = excluded.size, root = excluded.root "
            "WHERE ledger_witnessmemory.size < excluded.size",
            row,
        )
    for (mark,) in newer.execute("SELECT next_leaf FROM exchange_collected"):
        older.execute(
            "UPDATE exchange_collected SET next_leaf = greatest(next_leaf, %s)",
            [min(mark, first)],
        )


def _advance(newer: Database, older: Database) -> None:
    rows = newer.execute(
        "SELECT sequencename, last_value FROM pg_sequences "
        "WHERE schemaname = 'public' AND last_value IS NOT NULL"
    )
    for name, last in rows:
        older.execute(
            sql.SQL("SELECT setval({0}::regclass, greatest(last_value, %s)) FROM {1}").format(
                sql.Literal(f'public."{name}"'), sql.Identifier(name)
            ),
            [last],
        )


def _bodies(database: Database, until: int) -> Iterator[bytes]:
    with database.transaction(), database.cursor(name="bodies") as found:
        found.itersize = BATCH
        found.execute(
            "SELECT e.body FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id "
            "WHERE l.index < %s ORDER BY l.index",
            [until],
        )
        for (body,) in found:
            yield bytes(body)


def _said(wrong: Sequence[int]) -> str:
    if not wrong:
        return ""
    more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    return f"Changed entries: {', '.join(map(str, wrong[:NAMED]))}{more}. "
