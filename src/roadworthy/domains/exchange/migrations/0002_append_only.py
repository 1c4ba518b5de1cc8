"""What was sent or came stays as it was; answers and evidence are never changed or removed."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON exchange_answer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON exchange_conflict
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_message_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'message % of line % stays', OLD.sequence, OLD.line_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.line_id, NEW.sequence, NEW.kind, NEW.payload, NEW.sha256)
        IS DISTINCT FROM (OLD.line_id, OLD.sequence, OLD.kind, OLD.payload, OLD.sha256)
    THEN
        RAISE EXCEPTION 'message % of line % is what it was', OLD.sequence, OLD.line_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON exchange_outgoing
    FOR EACH ROW EXECUTE FUNCTION refuse_message_change();
CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON exchange_incoming
    FOR EACH ROW EXECUTE FUNCTION refuse_message_change();
"""

REVERSE = """
DROP TRIGGER message_stays ON exchange_incoming;
DROP TRIGGER message_stays ON exchange_outgoing;
DROP FUNCTION refuse_message_change();
DROP TRIGGER append_only ON exchange_conflict;
DROP TRIGGER append_only ON exchange_answer;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_tables"), ("ledger", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
