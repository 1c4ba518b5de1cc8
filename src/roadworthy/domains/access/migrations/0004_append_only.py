"""What an approval says, and the schemas it was written by, are only ever added to."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_approvalversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON access_parameterschema
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

REVERSE = """
DROP TRIGGER append_only ON access_parameterschema;
DROP TRIGGER append_only ON access_approvalversion;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_what_a_condition_stands_for"),
        ("ledger", "0002_append_only"),
    ]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
