"""The database itself keeps what is under a hold, and only adds to histories.

The triggers fire ALWAYS: ``session_replication_role = replica`` does not go around them. Who owns
the tables can still drop a trigger; that is no normal operation, and the log of the server shows it.
"""

from django.db import migrations

APPEND_ONLY = ("accountversion", "known", "report", "custody", "entry", "exhibit")

FUNCTIONS = """
CREATE FUNCTION incidents_refuse_held(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is under a legal hold', what
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Two people end a hold, with a reason; until then nothing of it goes.';
END $$;

CREATE FUNCTION incidents_keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a hold is ended, never deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'ended' THEN
        RAISE EXCEPTION 'this hold has ended'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.incident_id, NEW.vehicle_id, NEW.tenant, NEW.controller_id, NEW.from_at, NEW.until_at,
        NEW.reason, NEW.placed_at, NEW.placed_by_id)
       IS DISTINCT FROM
       (OLD.incident_id, OLD.vehicle_id, OLD.tenant, OLD.controller_id, OLD.from_at, OLD.until_at,
        OLD.reason, OLD.placed_at, OLD.placed_by_id) THEN
        RAISE EXCEPTION 'what a hold covers does not change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'ended' AND OLD.state <> 'end-proposed' THEN
        RAISE EXCEPTION 'two people end a hold'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION incidents_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_exhibit e JOIN incidents_hold h ON h.id = e.hold_id
               WHERE e.document_id = OLD.id AND h.state <> 'ended') THEN
        PERFORM incidents_refuse_held('document ' || OLD.id);
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION incidents_keep_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_hold h
               WHERE h.tenant = OLD.tenant AND h.controller_id = OLD.controller_id
                 AND h.state <> 'ended' AND OLD.received_at BETWEEN h.from_at AND h.until_at) THEN
        PERFORM incidents_refuse_held(TG_TABLE_NAME || ' ' || OLD.id);
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION incidents_keep_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM incidents_hold WHERE state <> 'ended') THEN
        PERFORM incidents_refuse_held('something in ' || TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
"""

_TRIGGERS = (
    ("keep", "BEFORE UPDATE OR DELETE", "incidents_hold", "incidents_keep_hold"),
    (
        "keep",
        "BEFORE DELETE OR UPDATE OF sha256, organisation_id, length",
        "documents_document",
        "incidents_keep_document",
    ),
    *(
        (
            "keep",
            f"BEFORE DELETE OR UPDATE OF tenant, controller_id, {name}, body, received_at",
            table,
            "incidents_keep_word",
        )
        for table, name in (("gateway_report", "kind"), ("gateway_event", "event_id"))
    ),
    *(
        ("append_only", "BEFORE UPDATE OR DELETE", f"incidents_{table}", "refuse_change")
        for table in APPEND_ONLY
    ),
)
_WHOLE = (
    "incidents_hold",
    "incidents_exhibit",
    "incidents_custody",
    "documents_document",
    "gateway_report",
    "gateway_event",
)


def _made(name: str, when: str, table: str, function: str, each: str = "ROW") -> str:
    return (
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}();\n"
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};\n"
    )


FORWARD = (
    FUNCTIONS
    + "".join(_made(*one) for one in _TRIGGERS)
    + "".join(
        _made("keep_all", "BEFORE TRUNCATE", table, "incidents_keep_all", "STATEMENT")
        for table in _WHOLE
    )
)
REVERSE = (
    "".join(f"DROP TRIGGER keep_all ON {table};\n" for table in _WHOLE)
    + "".join(f"DROP TRIGGER {name} ON {table};\n" for name, _, table, _ in reversed(_TRIGGERS))
    + """
DROP FUNCTION incidents_keep_all();
DROP FUNCTION incidents_keep_word();
DROP FUNCTION incidents_keep_document();
DROP FUNCTION incidents_keep_hold();
DROP FUNCTION incidents_refuse_held(text);
"""
)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0001_tables"),
        ("ledger", "0002_append_only"),
        ("documents", "0001_documents"),
        ("campaigns", "0006_reasons_in_both_languages"),
    ]

    operations = [migrations.RunSQL(FORWARD, REVERSE)]
