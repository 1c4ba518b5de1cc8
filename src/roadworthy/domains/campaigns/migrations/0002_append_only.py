"""Histories are only ever added to."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_actionevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_consent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON campaigns_consent;
DROP TRIGGER append_only ON campaigns_actionevent;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
