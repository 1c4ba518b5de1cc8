from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.trust import keys, notes
from roadworthy.trust.notes import Kind, NoteSigner, Verifier
from tests.trust import worlds

AT = datetime(2026, 11, 21, 2, 3, 4, tzinfo=UTC)
# The example of the specification, c2sp.org/signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1\
ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()

LOG = NoteSigner("log.example", Kind.ED25519, worlds.signer())
WITNESS = NoteSigner("witness.example", Kind.COSIGNATURE, worlds.signer())


def test_the_example_of_the_specification_is_accepted() -> None:
    verifier = Verifier.parse(VKEY)
    note, verified = notes.open_note(EXAMPLE, [verifier])
    assert note.text == "This is an example message.\n"
    assert [one.name for one in verified] == ["example.com/foo"]
    assert str(verifier) == VKEY


def test_a_changed_text_spoils_the_signature() -> None:
    with pytest.raises(notes.NoteSignatureWrong):
        notes.open_note(EXAMPLE.replace(b"This", b"that"), [Verifier.parse(VKEY)])


def test_a_note_that_only_strangers_signed_does_not_count() -> None:
    with pytest.raises(notes.NoteNotSigned, match=r"log\.example"):
        notes.open_note(EXAMPLE, [LOG.verifier])


def test_a_text_may_have_empty_lines_of_its_own() -> None:
    text = "one\n\ntwo\n— looks.like +a signature\n"
    note, verified = notes.open_note(notes.sign(text, [LOG], at=AT), [LOG.verifier])
    assert note.text == text
    assert len(verified) == 1


def test_strangers_are_ignored_even_with_a_known_name_or_a_known_id() -> None:
    impostor = NoteSigner("log.example", Kind.ED25519, worlds.signer())
    note = notes.sign("text\n", [LOG, impostor, WITNESS], at=AT)
    _, verified = notes.open_note(note, [LOG.verifier])
    assert [one.key_id for one in verified] == [LOG.verifier.key_id]


def test_a_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    good = notes.sign("text\n", [LOG], at=AT)
    line = NoteSigner("witness.example", Kind.COSIGNATURE, WITNESS.signer).line("other\n", at=AT)
    note = notes.add_line(good, line)
    notes.open_note(note, [LOG.verifier])
    with pytest.raises(notes.NoteSignatureWrong, match="witness"):
        notes.open_note(note, [LOG.verifier, WITNESS.verifier])


def test_a_cosignature_states_its_time() -> None:
    note = notes.sign("text\n", [WITNESS], at=AT)
    _, verified = notes.open_note(note, [WITNESS.verifier])
    assert verified[0].cosigned_at() == AT


def test_a_cosignature_with_another_time_is_wrong() -> None:
    content = notes.parse(notes.sign("text\n", [WITNESS], at=AT)).signatures[0]
    shifted = content.signature[:7] + bytes([content.signature[7] ^ 1]) + content.signature[8:]
    assert not WITNESS.verifier.accepts("text\n", shifted)
    assert not WITNESS.verifier.accepts("text\n", b"short")


def test_one_key_has_another_id_for_each_kind() -> None:
    both = [NoteSigner("same", kind, LOG.signer).verifier for kind in Kind]
    assert both[0].key_id != both[1].key_id
    assert not both[0].accepts("text\n", WITNESS.signer.sign(b"text\n").signature.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+530d903a",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("foo", "bar"),
        VKEY.replace("example.com/foo", "example com"),
        VKEY[:-4],
        VKEY.replace("Aeky", "Beky"),
        VKEY + "=",
    ],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(notes.BadVerifierKey):
        Verifier.parse(text)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        EXAMPLE[:-1],
        EXAMPLE.replace(b"\n\n", b"\n"),
        EXAMPLE.replace("—".encode(), b"-"),
        EXAMPLE.replace(b"Uw2QOkn8", b"Uw2Q*kn8"),
        EXAMPLE.replace(b"message", b"mess\x07age"),
        EXAMPLE.replace(b"message", b"mess\xffage"),
        EXAMPLE.replace(b"aQM=", b"aQN="),  # the same signature bytes, spelt differently
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        b"text\n\n" + "— name AAAAAAAA\n".encode() * 101,
    ],
)
def test_what_has_not_the_form_of_a_note_is_refused(note: bytes) -> None:
    with pytest.raises(notes.NoteMalformed):
        notes.open_note(note, [Verifier.parse(VKEY)])


@pytest.mark.parametrize("text", ["no newline", "", "bell\x07\n", "a\n\n— log.example AAAAAAAA"])
def test_a_text_that_could_not_be_read_back_is_not_signed(text: str) -> None:
    with pytest.raises(notes.NoteMalformed):
        notes.sign(text, [LOG], at=AT)


def test_only_an_ed25519_key_signs_notes() -> None:
    from securesystemslib.signer import CryptoSigner

    with pytest.raises(keys.BadKey):
        _ = NoteSigner("log.example", Kind.ED25519, CryptoSigner.generate_ecdsa()).verifier


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises((notes.NoteMalformed, notes.NoteNotSigned)):
        notes.open_note(content, [LOG.verifier])


def test_no_flipped_bit_of_a_note_is_accepted() -> None:
    note = notes.sign("text\n", [LOG], at=AT)
    for at in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[at] ^= 1 << bit
            with pytest.raises(
                (notes.NoteMalformed, notes.NoteNotSigned, notes.NoteSignatureWrong)
            ):
                notes.open_note(bytes(changed), [LOG.verifier])


def test_the_time_of_a_cosignature_is_in_the_first_eight_bytes() -> None:
    line = WITNESS.line("text\n", at=AT)
    content = base64.b64decode(line.split(" ")[2])
    assert int.from_bytes(content[4:12]) == int(AT.timestamp())
