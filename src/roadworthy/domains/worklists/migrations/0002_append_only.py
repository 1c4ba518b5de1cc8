"""Who was given a piece of work is only ever added to."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON worklists_assignment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON worklists_assignment;
"""


class Migration(migrations.Migration):
    dependencies = [("worklists", "0001_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
