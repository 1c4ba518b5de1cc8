from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from roadworthy.trust import dsse
from roadworthy.trust.dsse import PredicateType, Statement, Subject

SIGNER = CryptoSigner.generate_ed25519()
OTHER = CryptoSigner.generate_ed25519()
RECEIPT = Statement(
    (Subject("dossier", "a" * 64),),
    PredicateType.FILING_RECEIPT,
    {"number": "工信 2026-1", "outcome": "accepted"},
)


def envelope_of(payload: Any, payload_type: str = dsse.PAYLOAD_TYPE) -> bytes:
    envelope = Envelope(json.dumps(payload).encode(), payload_type, {})
    envelope.sign(SIGNER)
    return json.dumps(envelope.to_dict()).encode()


def test_a_statement_comes_out_as_it_went_in() -> None:
    envelope = dsse.attest(RECEIPT, SIGNER)
    assert dsse.open_envelope(envelope, [SIGNER.public_key]) == RECEIPT
    assert dsse.signer_ids(envelope) == (SIGNER.public_key.keyid,)


def test_the_same_statement_has_the_same_payload_everywhere() -> None:
    shuffled = Statement(
        RECEIPT.subjects,
        RECEIPT.predicate_type,
        dict(reversed(list(RECEIPT.predicate.items()))),
    )
    payloads = {json.loads(dsse.attest(one, SIGNER))["payload"] for one in (RECEIPT, shuffled)}
    assert len(payloads) == 1


def test_the_payload_is_an_in_toto_statement() -> None:
    payload = json.loads(base64.b64decode(json.loads(dsse.attest(RECEIPT, SIGNER))["payload"]))
    assert payload["_type"] == "https://in-toto.io/Statement/v1"
    assert payload["subject"] == [{"name": "dossier", "digest": {"sha256": "a" * 64}}]


def test_a_signature_by_another_key_counts_for_nothing() -> None:
    with pytest.raises(dsse.NotAttested):
        dsse.open_envelope(dsse.attest(RECEIPT, OTHER), [SIGNER.public_key])


def test_two_signatures_meet_a_threshold_of_two_and_one_does_not() -> None:
    keys = [SIGNER.public_key, OTHER.public_key]
    once = dsse.attest(RECEIPT, SIGNER)
    with pytest.raises(dsse.NotAttested, match="has 1"):
        dsse.open_envelope(once, keys, threshold=2)
    assert dsse.open_envelope(dsse.countersign(once, OTHER), keys, threshold=2) == RECEIPT


def test_one_key_under_two_ids_counts_once() -> None:
    alias = SSlibKey("alias", "ed25519", "ed25519", dict(SIGNER.public_key.keyval))
    envelope = Envelope.from_dict(json.loads(dsse.attest(RECEIPT, SIGNER)))
    envelope.sign(CryptoSigner(SIGNER._private_key, alias))
    content = json.dumps(envelope.to_dict()).encode()
    with pytest.raises(dsse.NotAttested):
        dsse.open_envelope(content, [SIGNER.public_key, alias], threshold=2)


def test_any_changed_character_of_the_payload_is_noticed() -> None:
    envelope = json.loads(dsse.attest(RECEIPT, SIGNER))
    payload = envelope["payload"]
    for at in range(len(payload) - 2):  # the last characters may hold padding bits
        changed = payload[:at] + ("B" if payload[at] == "A" else "A") + payload[at + 1 :]
        content = json.dumps({**envelope, "payload": changed}).encode()
        with pytest.raises((dsse.NotAttested, dsse.EnvelopeMalformed)):
            dsse.open_envelope(content, [SIGNER.public_key])


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {**RECEIPT.to_dict(), "_type": "https://in-toto.io/Statement/v0.1"},
        {**RECEIPT.to_dict(), "subject": []},
        {**RECEIPT.to_dict(), "subject": [{"name": "x", "digest": {"sha256": "A" * 64}}]},
        {**RECEIPT.to_dict(), "subject": [{"name": "x", "digest": {"md5": "a" * 32}}]},
        {**RECEIPT.to_dict(), "predicate": 3},
    ],
)
def test_a_signed_payload_that_is_no_statement_is_refused(payload: Any) -> None:
    with pytest.raises(dsse.EnvelopeMalformed):
        dsse.open_envelope(envelope_of(payload), [SIGNER.public_key])


def test_a_payload_of_another_type_is_refused() -> None:
    envelope = envelope_of(RECEIPT.to_dict(), "application/json")
    with pytest.raises(dsse.EnvelopeMalformed, match="payload type"):
        dsse.open_envelope(envelope, [SIGNER.public_key])


def test_a_payload_that_is_not_json_is_refused() -> None:
    envelope = Envelope(b"\xff", dsse.PAYLOAD_TYPE, {})
    envelope.sign(SIGNER)
    with pytest.raises(dsse.EnvelopeMalformed):
        dsse.unverified_statement(json.dumps(envelope.to_dict()).encode())


def test_a_statement_about_nothing_is_not_signed() -> None:
    with pytest.raises(dsse.EnvelopeMalformed):
        dsse.attest(Statement((), PredicateType.TEST_REPORT, {}), SIGNER)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_arbitrary_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(dsse.EnvelopeMalformed):
        dsse.open_envelope(content, [SIGNER.public_key])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(json_values, json_values, json_values)
def test_arbitrary_envelopes_are_refused_by_name(payload: Any, kind: Any, signatures: Any) -> None:
    envelope = {"payload": payload, "payloadType": kind, "signatures": signatures}
    with pytest.raises((dsse.EnvelopeMalformed, dsse.NotAttested)):
        dsse.open_envelope(json.dumps(envelope).encode(), [SIGNER.public_key])
