"""``law evidence`` and ``law check``: keep an evaluation, sign it, and ask it again elsewhere.

Without a key the file is the evaluation's canonical JSON; with one it is a DSSE envelope around an
in-toto statement about these bytes. The key's file is one of a keystore: KEYID.pem, with KEYID.json
beside it as the public half that a reader checks with.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import click

from roadworthy.cli import language
from roadworthy.cli import law as asking
from roadworthy.cli.law_words import LANGUAGE
from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.kernel.errors import Invalid
from roadworthy.law import evidence as keeping
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction
from roadworthy.rules.text import Text
from roadworthy.trust import dsse, keys
from roadworthy.trust.dsse import PredicateType, Statement, Subject

NOT_REPRODUCED = 3  # exit code: the file was read, and asking again gave something else
SUBJECT = "evaluation"
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_VERSIONS = {
    "pack_digest": Text("法规包摘要", "pack digest"),
    "rulebook_version": Text("法规库版本", "rulebook version"),
    "engine_version": Text("引擎版本", "engine version"),
    "calendar_version": Text("工作日历版本", "calendar version"),
}
_SAME = Text("重新运行，逐字节一致。", "Asked again: the same bytes.")
_OTHER = Text("重新运行，结果不一致。", "Asked again: NOT the same bytes.")
_VERSION = Text(
    "{name}不同：当时为{stored}，此处为{here}", "{name} differs: {stored} then, {here} here"
)
_FIELDS = Text("结果不同的部分：{names}", "what came out otherwise: {names}")
_RULES = Text("结论不同的规则：{names}", "rules that answered otherwise: {names}")
_REFUSED = Text("此处不再接受其中的事实：{why}", "the facts are not accepted here: {why}")
_SIGNED = Text("签名有效，密钥{keyid}。", "Signature: valid, by key {keyid}.")
_UNCHECKED = Text(
    "签名未验证：未用 --key 指定公钥；文件自称由{keyid}签署。",
    "Signature: NOT checked, since no --key was given; the file names {keyid}.",
)
_UNSIGNED = Text("没有签名。", "Signature: none.")


class WrongKeyFile(Invalid):
    code = "wrong-key-file"
    message = "{file} is not the file of a key of a keystore: {reason}."


@dataclass(frozen=True)
class Opened:
    """What a file holds, and who signed it: no claim, a mere claim, or checked."""

    stored: dict[str, Any]
    claimed: tuple[str, ...]
    is_checked: bool


@click.command()
@asking.facts_argument
@asking.as_of_option
@asking.about_option
@click.option(
    "--jurisdiction", type=click.Choice([str(each) for each in Jurisdiction]), default="CN"
)
@click.option("--output", type=NEW_FILE, required=True, help="The file to write.")
@click.option("--key", type=FILE, help="Sign with this key of a keystore (KEYID.pem).")
@click.option("--passphrase", help="Of the key; asked for when left out.")
def evidence(
    *,
    facts: IO[bytes],
    as_of: date | None,
    about: tuple[str, ...],
    jurisdiction: str,
    output: Path,
    key: Path | None,
    passphrase: str | None,
) -> None:
    """Write an evaluation as canonical JSON, signed (DSSE) when a key is given."""
    said = asking.asked(facts, as_of, about)
    told = rulebook().evaluate(
        said.facts,
        as_of=asking.day(said),
        about=said.about,
        jurisdiction=Jurisdiction(jurisdiction),
    )
    content = keeping.content(told)
    digest = sha256_hex(content)
    if key is not None:
        if passphrase is None:
            passphrase = click.prompt("Passphrase", hide_input=True)
        signer = keys.Keystore(key.parent).signer(key.stem, passphrase)
        subject = Subject(SUBJECT, digest)
        statement = Statement((subject,), PredicateType.EVALUATION, told.to_json())
        content = dsse.attest(statement, signer)
    output.write_bytes(content)
    click.echo(f"{output}: {len(content):,} bytes, evaluation sha256 {digest}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--key", type=FILE, help="The public key to trust (KEYID.json).")
@asking.json_option
@language.option
def check(*, file: Path, key: Path | None, as_json: bool, lang: str | None) -> None:
    """Ask kept evidence again, compare byte for byte, and check its signature.

    Ends with exit code 3 and says what differs if the same bytes do not come out.
    """
    opened = _opened(file.read_bytes(), key)
    again = keeping.rerun(rulebook(), opened.stored)
    if as_json:
        asking.print_json(
            {
                **again.to_json(),
                "sha256": sha256_hex(canonical(opened.stored)),
                "signed_by": list(opened.claimed),
                "signature_checked": opened.is_checked,
            }
        )
    else:
        for line in (*_told(again), _signature(opened)):
            click.echo(line[LANGUAGE[language.chosen(lang)]])
    if not again.is_same:
        raise click.exceptions.Exit(NOT_REPRODUCED)


def _opened(content: bytes, key: Path | None) -> Opened:
    """Return the evaluation in a file, its signature checked where there is a key for it."""
    if b'"payloadType"' not in content:
        if key is not None:
            raise keeping.NoEvidence(reason="it carries no signature, and a key was given")
        return Opened(keeping.read(content), (), is_checked=False)
    claimed = dsse.signer_ids(content)
    if key is None:
        statement = dsse.unverified_statement(content)
    else:
        public = _public(key)
        statement, claimed = dsse.open_envelope(content, [public]), (public.keyid,)
    if statement.predicate_type != PredicateType.EVALUATION:
        raise keeping.NoEvidence(reason=f"it attests {statement.predicate_type}")
    stored = keeping.checked(dict(statement.predicate))
    if [subject.sha256 for subject in statement.subjects] != [sha256_hex(canonical(stored))]:
        raise keeping.NoEvidence(reason="the signed digest is not that of the evaluation in it")
    return Opened(stored, claimed, is_checked=key is not None)


def _public(path: Path) -> Any:
    try:
        return keys.key_from_dict(json.loads(path.read_bytes()))
    except ValueError as wrong:
        raise WrongKeyFile(file=path, reason=str(wrong)) from None


def _told(again: keeping.Rerun) -> list[Text]:
    lines = [_SAME if again.is_same else _OTHER]
    lines += [
        _VERSION.fill(
            {
                "name": _VERSIONS[v.name],
                "stored": Text(v.stored, v.stored),
                "here": Text(v.here, v.here),
            }
        )
        for v in again.versions
        if not v.is_same
    ]
    for words, names in ((_FIELDS, again.fields), (_RULES, again.rules)):
        if names:
            lines.append(words.fill({"names": Text("、".join(names), ", ".join(names))}))
    if again.refused:
        lines.append(_REFUSED.fill({"why": Text(str(again.refused), str(again.refused))}))
    return lines


def _signature(opened: Opened) -> Text:
    if not opened.claimed:
        return _UNSIGNED
    named = Text("、".join(opened.claimed), ", ".join(opened.claimed))
    return (_SIGNED if opened.is_checked else _UNCHECKED).fill({"keyid": named})
