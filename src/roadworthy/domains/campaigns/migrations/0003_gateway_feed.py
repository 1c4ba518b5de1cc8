"""The ordered change feed that projectors follow, and the bells that wake them.

The stamp is taken under a lock that is held until commit, so a lower number never becomes visible
after a higher one: a projector that asks for ``seq > last`` misses nothing.
"""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE gateway_seq;
CREATE FUNCTION gateway_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7201);
    NEW.seq := nextval('gateway_seq');
    RETURN NEW;
END $$;
CREATE FUNCTION gateway_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], '');
    RETURN NULL;
END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON gateway_tenant
    FOR EACH ROW EXECUTE FUNCTION gateway_stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON gateway_deployment
    FOR EACH ROW EXECUTE FUNCTION gateway_stamp();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON gateway_assignment
    FOR EACH ROW EXECUTE FUNCTION gateway_stamp();
CREATE TRIGGER ring AFTER INSERT OR UPDATE ON gateway_tenant
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_ring('gateway_feed');
CREATE TRIGGER ring AFTER INSERT OR UPDATE ON gateway_deployment
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_ring('gateway_feed');
CREATE TRIGGER ring AFTER INSERT OR UPDATE ON gateway_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_ring('gateway_feed');
CREATE TRIGGER ring AFTER INSERT OR DELETE ON gateway_stop
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_ring('gateway_stop');
"""

REVERSE = """
DROP TRIGGER ring ON gateway_stop;
DROP TRIGGER ring ON gateway_assignment;
DROP TRIGGER ring ON gateway_deployment;
DROP TRIGGER ring ON gateway_tenant;
DROP TRIGGER stamp ON gateway_assignment;
DROP TRIGGER stamp ON gateway_deployment;
DROP TRIGGER stamp ON gateway_tenant;
DROP FUNCTION gateway_ring();
DROP FUNCTION gateway_stamp();
DROP SEQUENCE gateway_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
