"""Incidents by their pages: both sides, the owner, and who finds nothing."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from roadworthy.domains.incidents import custody, holding
from roadworthy.domains.incidents.models import Copy, Hold, Incident, Report
from roadworthy.domains.incidents.states import CopyState, HoldState, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError
from roadworthy.trust.archive import FileAltered
from tests import happening
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


def entered(town: Town, **given: str) -> dict[str, str]:
    sent = {
        "trigger": "thermal",
        "vin": happening.vin(town.vehicle_id + 1),
        "learned_at": "2025-06-09 03:00",
        "words": "Smoke from the floor.",
        "incident_kinds": ["fire"],
        "is_new_energy": "yes",
        "injured": "1",
    }
    return sent | given


def test_an_incident_goes_from_the_form_to_both_clocks_and_to_samr(town: Town) -> None:
    safety = town.client(Role.SAFETY)
    answer = safety.post("/m/incidents/enter/", entered(town))
    made = Incident.objects.order_by("-pk")[0]
    assert (answer.status_code, answer["Location"]) == (302, f"/m/incidents/{made.pk}/")
    page = safety.get(answer["Location"], headers={"accept-language": "en"}).content.decode()
    for told in ("9 Jun 2025, 09:00", "11 Jun 2025, 03:00", "RCL-20", "RCL-22", "late"):
        assert told in page
    answer = safety.post(f"/m/incidents/{made.pk}/send/nev-basic/")
    copy = Copy.objects.get(report__incident=made)
    assert (answer.status_code, copy.authority.kind) == (302, "samr")
    samr, miit = town.client(Role.SAMR_REVIEWER), town.client(Role.MIIT_REVIEWER)
    assert miit.get(f"/a/incidents/{copy.pk}/").status_code == 404
    shown = samr.get(f"/a/incidents/{copy.pk}/", headers={"accept-language": "en"})
    assert "It was due 9 Jun 2025" in shown.content.decode()
    address, sent = f"/a/incidents/{copy.pk}/acknowledge/", {"note": "Read."}
    wrong = samr.post(address, sent | {"passphrase": "not it"})
    assert (wrong.status_code, b"Read." in wrong.content) == (422, True)
    sent["passphrase"] = town.world.passphrase(Role.SAMR_REVIEWER)
    assert samr.post(address, sent).status_code == 302
    copy.refresh_from_db()
    assert copy.state == CopyState.ACKNOWLEDGED
    for client, place in (
        (samr, f"/a/incidents/{copy.pk}/acknowledgement.json"),
        (safety, f"/m/incidents/acknowledgements/{copy.pk}.json"),
    ):
        assert client.get(place).content.decode() == copy.envelope
    shown = safety.get(
        f"/m/incidents/reports/{copy.report_id}/", headers={"accept-language": "en"}
    ).content.decode()
    assert "Signed; verified just now" in shown
    Copy.objects.filter(pk=copy.pk).update(envelope=copy.envelope.replace("payload", "x", 1))
    shown = samr.get(f"/a/incidents/{copy.pk}/", headers={"accept-language": "en"})
    assert "The signature does not hold" in shown.content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"vin": "LTVAAAAA0SA999999"}, "id_vin"),
        ({"vin": "", "type_code": ""}, "id_vin"),
        ({"learned_at": "yesterday"}, "id_learned_at"),
        ({"learned_at": "2999-01-01 00:00"}, "id_learned_at"),
        ({"words": ""}, "id_words"),
        ({"injured": "many"}, "id_injured"),
        ({"occurred_at": "2025-06-09 04:00"}, "id_occurred_at"),
    ],
)
def test_a_wrong_form_names_the_field_and_loses_nothing(
    town: Town, given: dict[str, str], field: str
) -> None:
    before = Incident.objects.count()
    sent = entered(town, words="Smoke from the floor.") | {"city": "Suzhou"} | given
    answer = town.client(Role.SAFETY).post("/m/incidents/enter/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert "Suzhou" in page
    assert Incident.objects.count() == before


def test_the_page_that_asks_again_gets_the_clocks_only(town: Town) -> None:
    address = f"/m/incidents/{town.happened['incident']}/"
    answer = town.client(Role.SAFETY).get(address, headers={"hx-request": "true"})
    page = answer.content.decode()
    assert 'id="clocks"' in page
    assert "<html" not in page


def test_qualifying_saying_more_and_another_version(town: Town) -> None:
    safety, address = town.client(Role.SAFETY), f"/m/incidents/{town.happened['incident']}/"
    found = Incident.objects.get(pk=town.happened["incident"])
    kinds = {"incident_kinds": ["disengagement"], "learned_at": "2025-07-01 09:00"}
    told = {"weather": "fog", "recorders_holding": ["edr"], "narrative": happening.WORDS}
    assert safety.post(f"{address}do/qualify/", kinds | told).status_code == 302
    without = safety.post(f"{address}say/", kinds | told | {"cdas_state": "active"})
    assert without.status_code == 422, "another weather needs a reason"
    said = safety.post(f"{address}say/", kinds | told | {"reason": "The recorder says fog."})
    assert said.status_code == 302
    found.refresh_from_db()
    assert (found.state, found.known["weather"]) == (State.OPEN, "fog")
    assert safety.post(f"{address}send/incident/", {"reason": ""}).status_code == 422
    assert safety.post(f"{address}send/incident/", {"reason": "Fog."}).status_code == 302
    assert Report.objects.filter(incident=found).count() == 2


def altered(path: Path) -> None:
    """Write the archive anew with another word in the chain of custody."""
    with zipfile.ZipFile(path) as old:
        files = {one: old.read(one) for one in old.namelist()}
    files["custody.json"] = files["custody.json"].replace(b"workshop", b"workshoq")
    with zipfile.ZipFile(path, "w") as new:
        for name, content in files.items():
            new.writestr(name, content)


def test_a_hold_is_kept_read_exported_and_ended_by_two(town: Town, tmp_path: Path) -> None:
    safety, officer = town.client(Role.SAFETY), town.client(Role.COMPLIANCE_OFFICER)
    address = f"/m/incidents/holds/{town.happened['hold']}/"
    file = SimpleUploadedFile("dssad.csv", b"t,state\n0,active\n")
    given = {"recorder": "dssad", "file": file, "words": ""}
    assert safety.post(address, given).status_code == 302
    assert safety.post(address, {"recorder": "video", "reference": "x"}).status_code == 422
    read = officer.post(f"/m/incidents/exhibits/{town.happened['exhibit']}/")
    assert b"".join(read) == b'{"speed": [88, 61]}'
    archive = b"".join(officer.post(f"{address}custody.zip"))
    path = tmp_path / "custody.zip"
    path.write_bytes(archive)
    trusted = town.world.platform.log.verifier
    checked = custody.check(path, trusted)
    assert len(checked.exhibits) == 2
    assert 2 <= checked.proven < checked.steps, "the newest lines are not in the log yet"
    altered(path)
    with pytest.raises(FileAltered):
        custody.check(path, trusted)
    stranger = dataclasses.replace(trusted, public=bytes(32))
    with pytest.raises(DomainError):
        custody.check(path, stranger)
    assert officer.post(f"{address}do/propose-end/", {"reason": "Ruled."}).status_code == 302
    assert officer.post(f"{address}do/end/").status_code == 422, "one person does not end it"
    assert safety.post(f"{address}do/keep/", {"reason": "Appealed."}).status_code == 302
    hold = Hold.objects.get(pk=town.happened["hold"])
    assert hold.state == HoldState.ACTIVE
    steps = [one.step for one in holding.chain(hold)]
    assert steps[-4:] == ["read", "exported", "end-proposed", "kept"]


def test_an_authority_asks_and_is_answered(town: Town) -> None:
    miit, safety = town.client(Role.MIIT_REVIEWER), town.client(Role.SAFETY)
    address = f"/a/incidents/{town.happened['miit']}/"
    assert miit.post(f"{address}ask/", {"text": " "}).status_code == 422
    assert miit.post(f"{address}ask/", {"text": "How fast?"}).status_code == 302
    answered = safety.post(
        f"/m/incidents/questions/{town.happened['question']}/", {"text": "It was wet."}
    )
    assert answered.status_code == 302
    assert "It was wet." in miit.get(address).content.decode()
    samr = town.client(Role.SAMR_REVIEWER).get(f"/a/incidents/{town.happened['samr']}/")
    assert "It was wet." not in samr.content.decode()


def test_an_owner_tells_of_an_incident_behind_the_link(town: Town, client) -> None:
    address = f"/o/{town.tokens[3]}/incident/"
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"trigger": "collision", "words": "", "contact": "王先生"})
    assert (wrong.status_code, "王先生" in wrong.content.decode()) == (422, True)
    sent = {"trigger": "thermal", "words": "冒烟了", "hurt": "no", "contact": "139 1234 5678"}
    assert client.post(address, sent).status_code == 200
    made = Incident.objects.order_by("-pk")[0]
    assert (made.kinds, made.casualties) == (["smoke"], False)
    assert "narrative" not in made.known, "an owner's words are not told to authorities"
    assert client.get("/o/unknown/incident/").status_code == 404


def test_a_line_of_the_investigation_takes_a_file(town: Town) -> None:
    safety, address = town.client(Role.SAFETY), f"/m/incidents/{town.happened['incident']}/"
    sent = {"sort": "finding", "text": "The camera was blind.", "happened_at": ""}
    file = SimpleUploadedFile("log.txt", b"camera: lost")
    assert safety.post(f"{address}write/", sent | {"file": file}).status_code == 302
    assert "The camera was blind." in safety.get(address).content.decode()
    assert safety.post(f"{address}write/", sent | {"text": ""}).status_code == 422
    bad = SimpleUploadedFile("tool.exe", b"MZ")
    assert safety.post(f"{address}write/", sent | {"file": bad}).status_code == 422
