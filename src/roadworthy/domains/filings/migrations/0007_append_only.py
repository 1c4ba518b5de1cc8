"""A dossier never changes; a signed answer and what it answers never change nor go away."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON filings_dossier
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_receipt_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.submitted_at IS NULL THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'filing % was handed in: it stays', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.receipt <> ''
        AND (NEW.receipt, NEW.dossier_id, NEW.authority_id, NEW.number)
            IS DISTINCT FROM (OLD.receipt, OLD.dossier_id, OLD.authority_id, OLD.number)
        OR OLD.submitted_at IS NOT NULL AND NEW.dossier_id <> OLD.dossier_id
    THEN
        RAISE EXCEPTION 'filing % is what was handed in and answered', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_stays BEFORE UPDATE OR DELETE ON filings_filing
    FOR EACH ROW EXECUTE FUNCTION refuse_receipt_change();
"""

REVERSE = """
DROP TRIGGER receipt_stays ON filings_filing;
DROP FUNCTION refuse_receipt_change();
DROP TRIGGER append_only ON filings_dossier;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0006_lists_of_filings"),
        ("ledger", "0002_append_only"),
    ]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
