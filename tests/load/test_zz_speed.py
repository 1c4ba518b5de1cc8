import time, sys
from django.db import connection
from roadworthy.domains.campaigns import intake, engine, services, queries
from roadworthy.domains.campaigns.models import *
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.vehicles.models import Vehicle
from tests.domains.campaigns.roads import register, road, NAME, ALL_AT_ONCE
from tests.domains.campaigns.conftest import built
from roadworthy.domains.organisations.roles import Role
import os
def test_speed(transactional_db, tmp_path):
    n=int(os.environ.get("N","1000"))
    w=built(tmp_path)
    rel=w.released()
    t=time.time(); ids=register(w,n); print("register+publish",time.time()-t)
    t=time.time(); r=road(w,vehicles=ids,release=rel); print("create",time.time()-t)
    r.publish(); r.take(Act.NOTIFY)
    t=time.time()
    k=0
    for v in list(r.tokens)[:200]:
        r.answer(v); k+=1
    print("consents/s",k/(time.time()-t))
    Action.objects.update(consented=True)
    t=time.time(); r.take(Act.START); print("start",time.time()-t)
    t=time.time()
    while r.turn(): pass
    print("offer",time.time()-t)
    acts=dict(Action.objects.values_list("vehicle_id","id")); ctrl=dict(Vehicle.objects.values_list("id","controller_id"))
    def fb(e,f): return {"status":{"execution":e,"result":{"finished":f},"details":["x"]}}
    def rows():
        for body,kind in [({}, "retrieved"),(fb("proceeding","none"),"feedback"),({"filename":"x"},"download"),(fb("proceeding","none"),"feedback"),(fb("proceeding","none"),"feedback"),(fb("closed","success"),"feedback"),({"data":{"sw_version":"1.0.0"}},"attributes"),({"data":{"sw_version":"1.1.0"}},"attributes")]:
            for v in ids:
                yield GatewayReport(tenant="MAKER",controller_id=ctrl[v],action_id=acts[v] if kind!="attributes" else None,kind=kind,body=body,received_at=w.tick(seconds=0.001))
    GatewayReport.objects.bulk_create(rows(),batch_size=5000)
    t=time.time()
    if os.environ.get("PROF"):
        import cProfile,pstats
        p=cProfile.Profile(); p.enable(); engine._drain(); p.disable(); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
    else: engine._drain()
    d=time.time()-t; print("apply",8*n,d,8*n/d,"/s")
    t=time.time(); p=queries.progress(r.campaign,w.now); print("progress",time.time()-t,p.counts)
    t=time.time(); 
    while r.turn(): pass
    print("complete",time.time()-t, r.refresh().state)
