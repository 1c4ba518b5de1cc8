"""Fill in the sets that vehicles have now; what earlier numbers stood for was not kept.

Runs again without harm. Sets are only ever added to from here on.
"""

from django.db import migrations

FORWARD = """
UPDATE vehicles_vehicle v SET software_sha256 = newest.software_sha256
FROM (
    SELECT DISTINCT ON (vehicle_id) vehicle_id, software_sha256
    FROM vehicles_swinrecord ORDER BY vehicle_id, id DESC
) AS newest
WHERE newest.vehicle_id = v.id AND v.software_sha256 = '';

INSERT INTO vehicles_swinset (type_id, software_sha256, software, first_at)
SELECT one.type_id, one.software_sha256,
       (SELECT jsonb_object_agg(e.label, i.version)
        FROM (
            SELECT id, approval_relevant,
                   CASE WHEN count(*) OVER (PARTITION BY name) = 1 THEN name
                        ELSE name || '@' || to_hex(address)
                             || coalesce('.' || to_hex(sub_address), '')
                   END AS label
            FROM vehicles_ecu WHERE type_id = one.type_id
        ) AS e
        LEFT JOIN vehicles_installedsoftware i ON i.ecu_id = e.id AND i.vehicle_id = one.vehicle_id
        WHERE e.approval_relevant),
       one.first_at
FROM (
    SELECT DISTINCT ON (v.type_id, v.software_sha256)
           v.type_id, v.software_sha256, v.id AS vehicle_id,
           (SELECT min(r.at) FROM vehicles_swinrecord r
            WHERE r.software_sha256 = v.software_sha256) AS first_at
    FROM vehicles_vehicle v WHERE v.software_sha256 <> '' AND v.type_id IS NOT NULL
    ORDER BY v.type_id, v.software_sha256, v.id
) AS one
ON CONFLICT DO NOTHING;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON vehicles_swinset
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = "DROP TRIGGER append_only ON vehicles_swinset;"


class Migration(migrations.Migration):
    dependencies = [("vehicles", "0004_software_sets"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
