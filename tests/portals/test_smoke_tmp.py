import pytest
pytestmark = pytest.mark.django_db
from roadworthy.domains.organisations.roles import Role

def pages(t):
    c=t.campaign.pk
    yield from ["/m/","/m/obligations/","/m/log/","/m/types/",f"/m/types/{t.world.type_id}/","/m/vehicles/",f"/m/vehicles/{t.vehicle_id}/","/m/unknown/","/m/releases/","/m/releases.csv"]
    for r in t.releases.values(): yield f"/m/releases/{r.number}/"
    yield from ["/m/filings/",*(f"/m/filings/{f.pk}/" for f in t.filings.values()),"/m/campaigns/",f"/m/campaigns/{c}/",f"/m/campaigns/{c}/vehicles/"]

@pytest.mark.parametrize("role",[Role.COMPLIANCE_OFFICER,Role.RELEASE_ENGINEER,Role.HOMOLOGATION])
def test_m(town,role):
    cl=town.client(role)
    bad=[]
    for p in pages(town):
        try:
            r=cl.get(p)
            if r.status_code!=200: bad.append((p,r.status_code))
        except Exception as e:
            import traceback; bad.append((p,repr(e)[:300], traceback.format_exc().splitlines()[-8:]))
    for b in bad: print(b)
    assert not bad

def test_writes(town):
    bad=[]
    for role,paths in {Role.RELEASE_ENGINEER:["/m/register-release/","/m/releases/D-1/change/","/m/releases/D-1/evidence/","/m/releases/D-1/answers/","/m/releases/F-1/do/sign/","/m/releases/D-1/do/withdraw/"],Role.HOMOLOGATION:["/m/filings/prepare/capability/","/m/filings/prepare/type/","/m/releases/F-1/file/activity/","/m/releases/F-1/file/product-change/"],Role.COMPLIANCE_OFFICER:["/m/campaigns/plan/R-2025.1/",f"/m/campaigns/{town.campaign.pk}/notice/",f"/m/campaigns/{town.campaign.pk}/do/stop/"],
      Role.MIIT_REVIEWER:["/a/","/a/?view=returned","/a/decided/","/a/countersign/",f"/a/filings/{town.filings['submitted'].pk}/",f"/a/filings/{town.filings['accepted'].pk}/"]}.items():
        cl=town.client(role)
        for p in paths:
            try:
                r=cl.get(p)
                if r.status_code!=200: bad.append((p,r.status_code))
            except Exception as e:
                import traceback; bad.append((p,repr(e)[:300], traceback.format_exc().splitlines()[-8:]))
    from django.test import Client
    cl=Client()
    for p in ["/login/","/p/","/p/?q=R-2025.1","/p/starway/R-2025.1/","/p/starway/R-2025.1/proof.bundle","/p/checkpoint/","/p/verify/","/rulebook/","/log/checkpoint","/api/v1/health","/api/v1/releases/starway/R-2025.1/trace",f"/o/{town.tokens[0]}/",f"/o/{town.tokens[-1]}/"]:
        try:
            r=cl.get(p)
            if r.status_code not in (200,302): bad.append((p,r.status_code))
        except Exception as e:
            import traceback; bad.append((p,repr(e)[:300], traceback.format_exc().splitlines()[-8:]))
    for b in bad: print(b)
    assert not bad
