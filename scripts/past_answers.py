"""Compare what the rulebook answers to its cases with what it answered before.

python scripts/past_answers.py           # fails if an answer changed or is not written down
python scripts/past_answers.py --write   # adds new answers; a changed one needs its erratum
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from roadworthy.kernel.canonical import digest
from roadworthy.law.past import answers
from roadworthy.law.rulebook import Rulebook, rulebook

PAST = Path(answers.__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if past and present agree, or do after writing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the new answers down")
    asked = parser.parse_args(arguments)
    book = rulebook()
    past, now = answers.recorded(), answers.given(book)
    if asked.write:
        return _write(book, past, now)
    wrong = [str(change) for change in answers.changes(past, now)]
    wrong += [f"{key}: not written down" for key in answers.unrecorded(past, now)]
    print("\n".join(wrong) or f"{sum(map(len, past.values()))} past answers stand")
    return bool(wrong)


def _write(book: Rulebook, past: answers.Answers, now: answers.Answers) -> int:
    try:
        errata = answers.errata(book.law.register)
        whole = answers.updated(past, now, errata, book.version)
    except answers.Unexplained as refused:
        print(refused)
        print("Nothing was written. Is the change meant? Then say so in law/past/errata.yaml.")
        return 1
    for pack, entries in whole.items():
        if entries and digest(entries) != digest(past.get(pack, {})):
            (PAST / f"{pack}.json").write_text(answers.written(entries), encoding="utf-8")
            print(f"{pack}: {len(entries)} answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
