"""Comparisons and limits are only ever added to."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON conformity_snapshot
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON conformity_limit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON conformity_limit;
DROP TRIGGER append_only ON conformity_snapshot;
"""


class Migration(migrations.Migration):
    dependencies = [("conformity", "0001_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
