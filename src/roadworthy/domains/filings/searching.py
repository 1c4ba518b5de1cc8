"""Full-text search over filings, in Chinese and in English (docs/adr/0011).

Beside each filing stands what both sides may read of it, and its lexemes: each Chinese character,
each two that stand together, and each word of other scripts. A term is found where it stands as it
was typed, wherever that is in Chinese and from the beginning of a word elsewhere; all terms must be
there. The lexemes narrow down; where they alone could be wrong, the text itself decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, QuerySet, TextField, Value

from roadworthy.domains.filings.models import Filing, FilingText

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUNS = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")
_OUTSIDE = re.compile(r"^[\W_]+|[\W_]+$")
_WIDE = "".join(map(chr, [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]))
_NARROW = str.maketrans(_WIDE, unicodedata.normalize("NFKC", _WIDE))
_LONGEST = 64  # of a word; a digest in hexadecimal is one
_BYTES = 600_000  # of all lexemes; PostgreSQL takes one megabyte with what it adds
_MOST_TERMS = 8
_MOST_LETTERS = 200  # of what is searched for
_BEFORE, _AFTER = 24, 60  # letters of an excerpt around its first hit
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt; a hit is what was searched for."""

    text: str
    hit: bool


def keep(filing: Filing) -> None:
    """Write down what can be found of a filing; inside the transaction that changed it."""
    head, body = _texts(filing)
    FilingText.objects.update_or_create(
        filing=filing, defaults={"head": head, "body": body, "lexemes": _vector(f"{head}\n{body}")}
    )


def keep_missing() -> int:
    """Write down what can be found of filings from before there was a search; return how many."""
    done = 0
    missing = (
        Filing.objects.select_related("dossier__release", "manufacturer")
        .filter(text=None)
        .order_by("pk")
    )
    while batch := list(missing[:_BATCH]):
        rows = []
        for filing in batch:
            head, body = _texts(filing)
            lexemes = _vector(f"{head}\n{body}")
            rows.append(FilingText(filing=filing, head=head, body=body, lexemes=lexemes))
        # Another process may do the same, or the filing may just have been changed: theirs stands.
        FilingText.objects.bulk_create(rows, ignore_conflicts=True)
        done += len(batch)
    return done


def matching(found: QuerySet[Filing], search: str) -> QuerySet[Filing]:
    """Narrow filings down to those in which every term of the search stands."""
    terms = _terms(search)
    if not terms:
        return found.none()
    query = " & ".join(one for term in terms for one in _asked(term))
    found = found.filter(_Found(models.F("text__lexemes"), Value(query)))
    for term in terms:
        if not _is_exact(term):
            found = found.filter(_holds("text__head", term) | _holds("text__body", term))
    return found


def excerpts(filings: Iterable[Filing], search: str) -> Mapping[int, Sequence[Piece]]:
    """Return, by filing, where in its text the search was found, if a list does not show that."""
    terms = _terms(search)
    if not terms:
        return {}
    hits = re.compile("|".join(map(_pattern, sorted(terms, key=len, reverse=True))), re.IGNORECASE)
    texts = FilingText.objects.filter(filing__in=[one.pk for one in filings])
    return {
        filing_id: pieces
        for filing_id, body in texts.values_list("filing_id", "body")
        if (pieces := _excerpt(body, hits))
    }


def lexemes(text: str) -> Iterator[str]:
    """Yield what a text is found by, in its order, again and again."""
    for run in _RUNS.findall(normal(text)):
        if _is_han(run):
            yield from run
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        elif len(run) <= _LONGEST:
            yield run.lower()


def normal(text: str) -> str:
    """Return a text with one form for each letter: "ＯＴＡ" is "OTA"; punctuation stays."""
    return unicodedata.normalize("NFC", text).translate(_NARROW)


class _Found(Func):
    """Lexemes asked by lexemes as they are, without a dictionary of any language."""

    arg_joiner = " @@ "
    template = "(%(expressions)s::tsquery)"
    output_field = models.BooleanField()


class _Like(Func):
    arg_joiner = " LIKE "
    template = "(%(expressions)s)"
    output_field = models.BooleanField()


class _LikeInAnyCase(_Like):
    arg_joiner = " ILIKE "


def _holds(field: str, term: str) -> models.Q:
    """Compare the text itself. Django would write it all in capitals first, each time."""
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", term) + "%"
    kind = _Like if term.lower() == term.upper() else _LikeInAnyCase
    return models.Q(kind(models.F(field), Value(pattern)))


class _Vector(Func):
    function = "array_to_tsvector"
    output_field = SearchVectorField()


def _vector(text: str) -> _Vector:
    kept, size = [], 0
    for one in dict.fromkeys(lexemes(text)):
        size += len(one.encode()) + 8  # its bytes, and what is kept of its place
        if size > _BYTES:
            break
        kept.append(one)
    return _Vector(Value(kept, output_field=ArrayField(TextField())))


def _texts(filing: Filing) -> tuple[str, str]:
    """Return what every list shows of a filing, and the rest, one text a line."""
    dossier, release = filing.dossier, filing.dossier.release
    head = [filing.number, *_leaves(filing.manufacturer.name), release.number if release else ""]
    about = [release.title, release.description] if release else []
    body = [*_leaves([filing.reason, about, dossier.content]), dossier.sha256]
    shown = _lines(head)
    return "\n".join(shown), "\n".join(line for line in _lines(body) if line not in shown)


def _lines(texts: Iterable[str]) -> list[str]:
    whole = (" ".join(normal(text).split()) for text in texts)
    return list(dict.fromkeys(filter(None, whole)))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name in sorted(value):  # the database keeps an order of its own
            yield from _leaves(value[name])
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _terms(search: str) -> list[str]:
    words = normal(search)[:_MOST_LETTERS].split()
    terms = dict.fromkeys(_OUTSIDE.sub("", word) for word in words)  # “备案” is searched as 备案
    return [term for term in terms if term][:_MOST_TERMS]


def _asked(term: str) -> Iterator[str]:
    """Yield a term's lexemes as PostgreSQL quotes them; its last word may go on."""
    runs = _RUNS.findall(term)
    for at, run in enumerate(runs):
        if _is_han(run):
            parts = [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            yield from (f"'{part}'" for part in parts)
        elif len(run) <= _LONGEST:
            yield f"'{run.lower()}'" + (":*" if at == len(runs) - 1 else "")


def _is_exact(term: str) -> bool:
    """Say whether the lexemes of a term are the whole of it."""
    if not _RUNS.fullmatch(term):
        return False
    return len(term) <= 2 if _is_han(term) else len(term) <= _LONGEST


def _is_han(run: str) -> bool:
    return re.match(f"[{_HAN}]", run) is not None


def _pattern(term: str) -> str:
    begins = "" if _is_han(term) or not term[0].isalnum() else rf"(?<!(?![{_HAN}])[^\W_])"
    return begins + re.escape(term)


def _excerpt(body: str, hits: re.Pattern[str]) -> Sequence[Piece]:
    first = hits.search(body)
    if first is None:
        return ()
    begin = max(body.rfind("\n", 0, first.start()) + 1, first.start() - _BEFORE)
    line_end = body.find("\n", first.end())
    end = min(len(body) if line_end < 0 else line_end, first.end() + _AFTER)
    pieces, at = [], begin
    for hit in hits.finditer(body, first.start(), end):
        pieces += [Piece(body[at : hit.start()], hit=False), Piece(hit.group(), hit=True)]
        at = hit.end()
    pieces.append(Piece(body[at:end], hit=False))
    if begin and body[begin - 1] != "\n":
        pieces.insert(0, Piece("…", hit=False))
    if end < len(body) and body[end] != "\n":
        pieces.append(Piece("…", hit=False))
    return tuple(piece for piece in pieces if piece.text)
