"""What a peer may say again, in another order, changed, or in contradiction to itself."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

from roadworthy.cli.federation.deployments import until
from roadworthy.domains.exchange.answers import Problem
from roadworthy.kernel.canonical import canonical
from roadworthy.trust import dsse, keys
from roadworthy.trust.dsse import PredicateType, Statement, Subject
from tests.federation.networks import SEED, Network
from tests.federation.peers import sent, speaking

COUNTED = (
    "SELECT count(*), max(id) FROM exchange_incoming WHERE kind NOT LIKE 'checkpoint.%%'",
    "SELECT count(*) FROM filings_filing",
    "SELECT count(*) FROM filings_dossier",
    "SELECT count(*) FROM ledger_entry WHERE event LIKE 'filing:%%' OR event LIKE 'exchange:%%'",
    "SELECT string_agg(number || state || receipt, '' ORDER BY id) FROM filings_filing",
)


def said_again_in_any_order_nothing_happens_twice(network: Network) -> None:
    """Duplicate, reorder, replay: every message of a whole history, twice, shuffled."""
    history = sent(network, "manufacturer", "miit") * 2
    random.Random(SEED).shuffle(history)
    before = counted(network, "miit")
    with speaking(network, "manufacturer", "miit") as mouth:
        for first in range(0, len(history), 7):
            answer = mouth.say(history[first : first + 7])
            assert answer.refused == []
    assert counted(network, "miit") == before


def out_of_order_a_message_waits_for_the_one_before(network: Network) -> None:
    """What comes too early is not kept: the answer names the message that is missing."""
    # Of a filing: of the log's checkpoints a new one may be said at any moment.
    said = [json.loads(one) for one in sent(network, "manufacturer", "samr")]
    last = [one for one in said if one["matter"].startswith("filing/")][-1]
    early = last | {"sequence": last["sequence"] + 2, "previous": "0" * 64}
    before = counted(network, "samr")
    with speaking(network, "manufacturer", "samr") as mouth:
        (refused,) = mouth.say([canonical(early)]).refused
    assert (refused.problem, refused.expected) == (Problem.GAP, last["sequence"] + 1)
    assert counted(network, "samr") == before


def changed_or_anothers_it_is_not_kept(network: Network) -> None:
    """A changed payload, another's signature, a message for somebody else."""
    message = sent(network, "manufacturer", "samr")[-1]
    before = counted(network, "samr")
    with speaking(network, "manufacturer", "samr") as mouth:
        envelope = json.loads(mouth.sealed(message))
        changed = message.replace(b'"version":1', b'"version":2')
        assert changed != message
        envelope["payload"] = base64.b64encode(changed).decode()
        for_miit = sent(network, "manufacturer", "miit")[-1]
        with speaking(network, "lab", "samr") as other:
            forged = [json.dumps(envelope).encode(), other.sealed(message), mouth.sealed(for_miit)]
            answer = mouth.send(forged)
    assert answer.stored == []
    assert {one.problem for one in answer.refused} == {Problem.REFUSED}
    assert len(answer.refused) == len(forged)
    assert counted(network, "samr") == before


def no_receipt_counts_that_its_authority_did_not_sign(network: Network) -> None:
    """MIIT's deployment is in wrong hands, but not MIIT's keys: four receipts, none accepted."""
    maker = network["manufacturer"]
    for number, forge in enumerate((unsigned, by_a_stranger, by_samr, of_another_filing)):
        release = f"SW-FORGED-{number}"
        network.loop.tested(release, "service", f"0.2.{13 + number}")
        filings = maker.take("releasing.sign_and_file", number=release)
        filing = network.loop.addressed("miit", filings)
        told = maker.take("releasing.filings")[filing]
        network.loop.accepted("samr", network.loop.addressed("samr", filings))
        network.loop.waits_for(release, ["miit.receipt"])
        until(
            lambda filing=filing: network.sql(
                "miit", "SELECT 1 FROM filings_filing WHERE number = %s", filing
            ),
            f"{filing} has come to MIIT",
        )
        with speaking(network, "miit", "manufacturer") as mouth:
            assert mouth.say([decided(network, filing, told["sha256"], forge)]).refused == []
        until(
            lambda filing=filing: network.sql(
                "manufacturer",
                "SELECT 1 FROM exchange_incoming i JOIN exchange_line l ON l.id = i.line_id "
                "WHERE l.matter = %s AND i.state = 'dead'",
                f"filing/{filing}",
            ),
            f"the forged receipt of {filing} is set apart",
        )
        assert maker.take("releasing.filings")[filing]["state"] == "submitted"
        network.loop.waits_for(release, ["miit.receipt"])
        network.lost.add(f"filing/{filing}")


def decided(network: Network, filing: str, sha256: str, forge: Any) -> bytes:
    """Return a decision as MIIT's deployment would send it, with a receipt that ``forge`` makes."""
    return canonical(
        {
            "from": network["miit"].name,
            "to": network["manufacturer"].name,
            "matter": f"filing/{filing}",
            "sequence": 1,
            "previous": "",
            "kind": "filing.decided",
            "version": 1,
            "at": "2026-11-22T04:00:00.000000Z",
            "body": {
                "number": filing,
                "dossier_sha256": sha256,
                "decision": "accept",
                "decided_at": "2026-11-22T04:00:00.000000Z",
                "receipt": forge(network, filing, sha256),
            },
            "blobs": [],
        }
    )


def statement(network: Network, filing: str, sha256: str) -> Statement:
    return Statement(
        (Subject("dossier", sha256),),
        PredicateType.FILING_RECEIPT,
        {
            "number": filing,
            "kind": "activity",
            "authority": network["miit"].name,
            "manufacturer": network["manufacturer"].name,
            "decision": "accepted",
            "accepted_at": "2026-11-22T04:00:00.000000Z",
        },
    )


def unsigned(_network: Network, _filing: str, _sha256: str) -> str:
    return ""


def by_a_stranger(network: Network, filing: str, sha256: str) -> str:
    store = keys.Keystore(network["lab"].home / "forger")
    signer = store.signer(store.create("a stranger's").keyid, "a stranger's")
    return dsse.attest(statement(network, filing, sha256), signer).decode()


def by_samr(network: Network, filing: str, sha256: str) -> str:
    """The right statement by another authority's true receipt key."""
    (person,) = network["samr"].credentials["people"]
    ((keyid,),) = network.sql(
        "samr",
        "SELECT k.keyid FROM organisations_signingkey k JOIN organisations_organisation o "
        "ON o.id = k.organisation_id WHERE o.slug = 'samr' AND k.purpose = 'receipt'",
    )
    signer = keys.Keystore(network["samr"].home / "keys").signer(keyid, person["passphrase"])
    return dsse.attest(statement(network, filing, sha256), signer).decode()


def of_another_filing(network: Network, _filing: str, _sha256: str) -> str:
    """MIIT's own true receipt, for what MIIT accepted before."""
    ((receipt,),) = network.sql(
        "miit", "SELECT receipt FROM filings_filing WHERE receipt <> '' ORDER BY id LIMIT 1"
    )
    return str(receipt)


def a_peer_that_contradicts_itself_is_kept_as_evidence(network: Network) -> None:
    """Two messages of one number: both are kept, that matter is halted, the others go on."""
    first = json.loads(sent(network, "manufacturer", "samr")[0])
    second = canonical(first | {"at": "2026-11-22T04:00:00.000000Z"})
    with speaking(network, "manufacturer", "samr") as mouth:
        (refused,) = mouth.say([second]).refused
    assert refused.problem is Problem.CONFLICT
    (halted,) = network.sql("samr", "SELECT matter FROM exchange_line WHERE halted <> ''")
    assert halted == (first["matter"],)
    assert network.sql("samr", "SELECT count(*) FROM exchange_conflict") == [(1,)]
    events = network.sql(
        "samr", "SELECT count(*) FROM ledger_entry WHERE event = 'exchange:conflict'"
    )
    assert events == [(1,)], "a person can read it in the log"
    network.lost.add(first["matter"])


def counted(network: Network, name: str) -> list[Any]:
    return [network.sql(name, query) for query in COUNTED]
