"""The loop of the demonstration, in the order of its steps: four deployments, one picture."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from roadworthy.cli.demo.failing import DemoFailed
from roadworthy.cli.demo.narration import Narrator
from roadworthy.cli.federation import looks, versions
from roadworthy.cli.federation.deployments import Deployment, Refused, until

VEHICLES = 24
SERVICE, RECALL = "SW-2026.11.1", "SW-2026.11.9"
AUTHORITIES = ("miit", "samr")


class Federation:
    """The four deployments and what has happened between them so far."""

    def __init__(self, deployments: Mapping[str, Deployment], narrator: Narrator) -> None:
        self.all = deployments
        self.maker = deployments["manufacturer"]
        self.lab = deployments["lab"]
        self.narrator = narrator

    def play(self) -> None:
        """Go through the loop.

        Raises:
            DemoFailed, Refused, NotThere: something does not hold.
        """
        began = time.monotonic()
        self.meet()
        self.vehicles()
        self.levels()
        self.tested(SERVICE, "service", versions.VERSIONS[1])
        self.filed_while_away()
        self.update(SERVICE, versions.VERSIONS[1])
        self.incident()
        self.recall()
        self.compared()
        self.witnessed()
        self.counted()
        self.narrator.good(f"the whole loop took {time.monotonic() - began:.0f} s")

    # They get to know each other.

    def meet(self) -> None:
        """Exchange cards, compare fingerprints, name the others' keys in the metadata."""
        narrator = self.narrator
        narrator.step("They exchange cards; people compare the fingerprints")
        cards = {name: one.take("peering.card") for name, one in self.all.items()}
        self._stranger(cards["miit"]["card"])
        self._impostor(cards)
        for name, one in self.all.items():
            for other in self.all.keys() - {name}:
                _meet(one, cards[other])
        narrator.table(
            ("   deployment", "fingerprint of its card"),
            ((f"   {self.all[name].name}", card["fingerprint"]) for name, card in cards.items()),
        )
        narrator.good("each of the four has confirmed the other three")
        narrator.step("The key ceremony names keys whose private halves are elsewhere")
        roles = self.maker.take("releasing.ceremony")
        keyids = {file.stem for file in (self.maker.home / "keys").glob("*.pem")}
        for name in AUTHORITIES:
            theirs = {file.stem for file in (self.all[name].home / "keys").glob("*.pem")}
            self.check(not keyids & theirs, f"{name}'s private keys lie at the manufacturer's")
        narrator.good(
            f"{roles} signing roles; the manufacturer's home holds no private key of an authority"
        )

    def _stranger(self, card: str) -> None:
        """A card in which one letter was changed is refused."""
        place = len(card) // 2
        changed = card[:place] + ("A" if card[place] != "A" else "B") + card[place + 1 :]
        code = self.refused(self.maker, "peering.enter", card=changed)
        self.narrator.refused(f"MIIT's card with one letter changed: {code}")

    def _impostor(self, cards: Mapping[str, Mapping[str, str]]) -> None:
        """Another fingerprint confirms nothing."""
        self.maker.take("peering.enter", card=cards["miit"]["card"])
        code = self.refused(
            *(self.maker, "peering.confirm"),
            name="miit",
            fingerprint=cards["samr"]["fingerprint"],
        )
        self.check(code == "wrong-fingerprint", f"refused for another reason: {code}")
        self.narrator.refused(f"MIIT confirmed by SAMR's fingerprint: {code}")

    # Vehicles, levels, test.

    def vehicles(self) -> None:
        """Register types and vehicles at the manufacturer's."""
        self.narrator.step("Types and vehicles, at the manufacturer's alone")
        done = self.maker.take("driving.register", count=VEHICLES)
        self.narrator.good(f"{done['types']} types and {done['vehicles']} vehicles")
        self.see(self.maker, "/m/vehicles/")

    def levels(self) -> None:
        """File levels 1 and 2 with both authorities."""
        self.narrator.step("Levels 1 and 2 travel to both authorities; receipts travel back")
        for kind in ("capability", "type"):
            numbers = self.maker.take("releasing.file_level", kind=kind)
            for name in AUTHORITIES:
                self.accepted(name, self.addressed(name, numbers))
        self.see(self.maker, "/m/filings/")
        self.see(self.all["miit"], "/a/")

    def tested(self, number: str, sort: str, version: str) -> None:
        """Let the institution test the image in its own deployment; its report travels."""
        self.narrator.step(f"{number}: the institution tests the image; its report travels")
        image = self.maker.take("releasing.register", number=number, sort=sort, version=version)
        report = self.lab.take(
            "testing.report",
            manufacturer=self.maker.name,
            number=f"CV-{number}",
            name=image["image"],
            sha256=image["sha256"],
            type_code="TOYOTA_RAV4_TSS2",
        )
        until(
            lambda: report["number"] in self.maker.take("releasing.received_reports"),
            f"{report['number']} has come to the manufacturer",
        )
        self.narrator.good(f"{report['number']} came, signed by the institution's own key")
        done = self.maker.take(
            "releasing.freeze", number=number, sort=sort, report=report["number"]
        )
        self.narrator.say(f"labels: {', '.join(done['labels'])}")
        self.see(self.lab, "/t/")

    # A release whose authority cannot be reached.

    def filed_while_away(self) -> None:
        """MIIT's deployment is down: the gate stays shut, and says why; then it comes back."""
        narrator, miit = self.narrator, self.all["miit"]
        narrator.step("MIIT's deployment is switched off: the gate stays shut, and says why")
        miit.stop()
        numbers = self.maker.take("releasing.sign_and_file", number=SERVICE)
        self.accepted("samr", self.addressed("samr", numbers))
        self.waits_for(SERVICE, ["miit.receipt"])
        narrator.good("SAMR has accepted and signed; still missing: miit.receipt")
        self.says_why(SERVICE, "miit")
        self.refuses()
        narrator.step("MIIT's deployment comes back: what waited arrives, in order, once")
        miit.start()
        self.accepted("miit", self.addressed("miit", numbers))
        self.opened(SERVICE)

    def waits_for(self, number: str, missing: list[str]) -> None:
        """Expect a release shut for want of exactly these signatures, now and not only soon."""
        standing = until(
            lambda: looks.lacking(self.maker.take("releasing.standing", number=number), missing),
            f"{number} lacks the signatures {', '.join(missing)} only",
        )
        self.check(standing["state"] == "signed", f"{number} is {standing['state']}")

    def says_why(self, number: str, authority: str) -> None:
        """Expect that the release names the deployment that does not answer."""
        told = until(
            lambda: [
                one
                for one in self.maker.take("releasing.waits", number=number)
                if one["deployment"] == self.all[authority].name and one["why"] == "not-answering"
            ],
            f"{number} says that it waits for {authority}",
        )
        self.narrator.good(
            f"the release says why: {told[0]['deployment']} {told[0]['why']}, "
            f"{told[0]['messages']} messages wait"
        )
        self.see(self.maker, f"/m/releases/{number}/")

    def refuses(self) -> None:
        """Ask a stock client for what was published without MIIT's signature."""
        stolen = self.maker.take("releasing.stolen", number=SERVICE)
        self.check(
            stolen["refused"] == "UnsignedMetadataError",
            f"a stock TUF client does not refuse: {stolen['detail']}",
        )
        self.narrator.good(f"tuf.ngclient refuses it: {stolen['refused']} ({stolen['detail']})")

    def opened(self, number: str) -> None:
        """Expect that the release is out, and that a stock client takes it."""
        until(
            lambda: self.maker.take("releasing.standing", number=number)["state"] == "released",
            f"{number} is released",
        )
        got = self.maker.take("releasing.fetched", number=number)
        self.narrator.good(
            f"the gate opened; tuf.ngclient takes {got['length']:,} bytes, sha256 {got['sha256']}"
        )
        self.see(self.maker, f"/m/releases/{number}/")

    def update(self, number: str, version: str) -> None:
        """Ask the owners, drive, and count what the vehicles prove."""
        self.narrator.step(f"{number}: owners agree, vehicles update and prove it")
        planned = self.maker.take("driving.campaign", number=number)
        self.maker.take("driving.owners_agree")
        done = self.maker.take("driving.drive", campaign=planned["campaign"])
        self.check(not done["twice"], f"installed twice: {done['twice']}")
        self.check(done["proven"] == VEHICLES, f"{done['counts']}")
        running = self.maker.take("driving.running")
        self.check(running == {version: VEHICLES}, f"running: {running}")
        self.narrator.good(f"{done['proven']} of {VEHICLES} vehicles prove that they run {version}")

    # Something happens.

    def incident(self) -> None:
        """Report an incident to both authorities; each acknowledges with its own key."""
        self.narrator.step("An incident: both authorities hear of the same bytes")
        self.number = self.maker.take("recalling.happens")
        report = self.maker.take("recalling.tell", number=self.number)
        for name in AUTHORITIES:
            there = until(
                partial(looks.reported, self.all[name], report["number"]),
                f"{report['number']} has come to {name}",
            )
            self.check(there["sha256"] == report["sha256"], f"{name} has another report")
            self.all[name].take("reviewing.acknowledge", number=report["number"])
        until(
            lambda: self._acknowledged() == dict.fromkeys(AUTHORITIES, True),
            "both acknowledgements have come back, and their signatures hold",
        )
        self.narrator.good(
            f"{report['number']}: acknowledged by MIIT and SAMR, signatures verified"
        )

    def _acknowledged(self) -> Any:
        return self.maker.take("recalling.acknowledged", number=self.number)

    def recall(self) -> None:
        """Confirm the defect; plan and remedy go to the authorities; vehicles are remedied."""
        narrator, maker = self.narrator, self.maker
        narrator.step("A defect is confirmed; production and sale stop, shown by documents")
        defect = maker.take("recalling.defect", incident=self.number)
        narrator.good(f"{defect['defect']} is confirmed; every site has shown that it stopped")
        self.noticed(defect["defect"])
        version = versions.VERSIONS[2]
        self.tested(RECALL, "recall", version)
        narrator.step("The recall plan goes to SAMR, the remedy to both")
        plan = maker.take(
            "recalling.plan",
            defect_id=defect["defect_id"],
            release=RECALL,
            version=versions.before(version),
        )
        activity = maker.take("releasing.sign_and_file", number=RECALL)
        maker.take("releasing.submit", number=plan["filing"])
        for name in AUTHORITIES:
            self.accepted(name, self.addressed(name, activity))
        self.accepted("samr", plan["filing"])
        self.opened(RECALL)
        note = self.all["samr"].take("reviewing.supervise", filing=plan["filing"])
        maker.take("recalling.start", plan_id=plan["plan_id"])
        self.update(RECALL, version)
        done = until(
            lambda: looks.all_remedied(maker.take("recalling.remedied", plan_id=plan["plan_id"])),
            "every vehicle of the recall is remedied",
        )
        narrator.good(f"{plan['plan']}: {done['remedied']} remedied by proof, {done['left']} left")
        until(
            lambda: maker.take("recalling.supervised", plan_id=plan["plan_id"]) == [note],
            "what SAMR wrote about the recall stands at its plan",
        )

    def noticed(self, defect: str) -> None:
        """SAMR gives notice to recall from its deployment; the manufacturer follows at its own."""
        samr, maker = self.all["samr"], self.maker
        number = samr.take("reviewing.give_notice", manufacturer=maker.name, defect=defect)
        until(
            lambda: maker.take("recalling.notice", number=number)["state"] == "notice",
            f"{number} has come to the manufacturer",
        )
        maker.take("recalling.follow", number=number)
        there = until(
            lambda: looks.followed(samr.take("reviewing.notice", number=number)),
            f"the answer to {number} has come back",
        )
        here = maker.take("recalling.notice", number=number)
        self.check(here == there, f"{number} is {here} here and {there} at samr")
        self.narrator.good(
            f"{number}: the manufacturer follows; both count the days from when it came"
        )

    # In the end.

    def compared(self) -> None:
        """Compare all pairs."""
        self.narrator.step("Every pair compares what it knows of every matter")
        for name, one in self.all.items():
            for other in self.all.keys() - {name}:
                told = until(
                    partial(looks.equal, one, self.all[other].name),
                    f"{one.name} and {self.all[other].name} are equal",
                )
                self.narrator.good(
                    f"{one.name} and {self.all[other].name}: equal in {told['matters']} matters"
                )

    def witnessed(self) -> None:
        """Expect each log cosigned by the others' witnesses."""
        self.narrator.step("Each log is cosigned by the others' witnesses")
        for one in self.all.values():
            told = until(
                partial(looks.cosigned, one),
                f"every witness has cosigned the log of {one.name}",
            )
            by = ", ".join(f"{name} to entry {size}" for name, size in sorted(told.items()))
            self.narrator.good(f"{one.name}: computed anew from its entries; cosigned by {by}")

    def counted(self) -> None:
        """Write the facts at once, as each worker does when the legal day has ended."""
        self.narrator.step("What each counts from its own log, and the case of a product")
        with ThreadPoolExecutor(len(self.all)) as pool:
            list(pool.map(lambda one: one.run("figures", "write"), self.all.values()))
        self.narrator.good("each has its facts; no deployment counts another's vehicles")
        self.see(self.maker, "/m/figures/")
        for name in AUTHORITIES:
            self.see(self.all[name], "/a/figures/")
            self.see(self.all[name], "/a/cases/")

    # What the steps above stand on.

    def addressed(self, authority: str, numbers: list[str]) -> str:
        """Return the one of these filings that is that authority's."""
        own = self.maker.take("releasing.filings")
        (number,) = (one for one in numbers if own[one]["authority"] == authority)
        return number

    def accepted(self, authority: str, number: str) -> None:
        """Wait for a filing at the authority, accept it there, wait for the receipt here."""
        there = until(
            lambda: looks.waiting(self.all[authority].take("reviewing.inbox"), number),
            f"{number} has come to {authority}",
        )
        here = self.maker.take("releasing.filings")[number]
        self.check(there["sha256"] == here["sha256"], f"{authority} has another content")
        self.all[authority].take("reviewing.accept", number=number)
        until(
            lambda: self.maker.take("releasing.filings")[number]["state"] == "accepted",
            f"the receipt of {number} has come back from {authority}",
        )
        self.check(
            self.maker.take("releasing.filings")[number]["has_receipt"],
            f"{number} is accepted without a receipt",
        )
        self.narrator.good(f"{number}: the same digest at {authority}; its receipt came back")

    def refused(self, one: Deployment, act: str, **given: Any) -> str:
        """Expect a step to be refused; return the code of the refusal."""
        try:
            one.take(act, **given)
        except Refused as refusal:
            return str(refusal.data["refusal"])
        raise DemoFailed(f"{one.name} took what it should refuse: {act}")

    def check(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Go on only if it holds."""
        if not holds:
            raise DemoFailed(otherwise)

    def see(self, one: Deployment, path: str) -> None:
        """Say where this can be seen."""
        self.narrator.say(f"see {one.web_url}{path}")


def _meet(one: Deployment, card: Mapping[str, str]) -> None:
    entered = one.take("peering.enter", card=card["card"])
    one.take("peering.confirm", name=entered["name"], fingerprint=card["fingerprint"])
