"""Histories are only ever added to."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON software_evaluation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON software_evaluation;
"""


class Migration(migrations.Migration):
    dependencies = [("software", "0001_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
