"""Every SQL text of the gateway. It reads and appends to the tables that campaigns, incidents,
processing and rights publish.

A vehicle's row becomes one line of text in the database itself, so that rebuilding the read model
for millions of vehicles moves bytes and parses nothing. ``records.py`` reads that line.
"""

from __future__ import annotations

_KEY = "tenant || chr(1) || controller_id"

_RECORD = """concat_ws('|',
    token_sha256,
    kind,
    coalesce(action_id::text, ''),
    coalesce(deployment_id::text, ''),
    coalesce(installed_action_id::text, ''),
    coalesce(installed_deployment_id::text, ''),
    CASE WHEN want_attributes THEN '1' ELSE '' END,
    array_to_string(closed_actions, ','))"""

# Which database this is: another cluster, a restored one, a promoted standby have other answers.
IDENTITY = """
SELECT format('%s/%s/%s', s.system_identifier, d.oid, c.timeline_id)
FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
WHERE d.datname = current_database()
"""

# One round trip that says whether anything changed; all stops are read each time, they cannot wait.
HEADS = """
SELECT
    (SELECT coalesce(max(seq), 0) FROM gateway_assignment),
    (SELECT coalesce(max(seq), 0) FROM gateway_deployment),
    (SELECT coalesce(max(seq), 0) FROM gateway_tenant),
    (SELECT coalesce(max(seq), 0) FROM gateway_consent),
    (SELECT coalesce(array_agg(deployment_id ORDER BY deployment_id), '{}') FROM gateway_stop)
"""

TENANTS = "SELECT tenant, gateway_token_sha256, polling_sleep FROM gateway_tenant"
DEPLOYMENTS = "SELECT id, chunks FROM gateway_deployment WHERE seq > %s"
ASSIGNMENTS = f"""
SELECT {_KEY}, {_RECORD}, seq FROM gateway_assignment
WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""  # noqa: S608 - constants of this module
ALL_ASSIGNMENTS = f"COPY (SELECT {_KEY}, {_RECORD} FROM gateway_assignment) TO STDOUT"  # noqa: S608

CONSENTS = f"""
SELECT {_KEY}, json_build_object('given', given, 'withdrawn', withdrawn)::text, seq
FROM gateway_consent WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s
"""  # noqa: S608 - constants of this module

# What vehicles said for good and the engine has not yet applied: not to be offered again meanwhile.
UNAPPLIED_FINALS = """
SELECT tenant || chr(1) || controller_id, action_id, kind,
       coalesce(body #>> '{status,result,finished}', '')
FROM gateway_report
WHERE NOT applied AND kind IN ('feedback', 'cancel-feedback')
  AND body #>> '{status,execution}' = 'closed' AND action_id IS NOT NULL
ORDER BY id
"""

LISTEN_FEED = "LISTEN gateway_feed"
LISTEN_STOP = "LISTEN gateway_stop"

APPEND_REPORTS = """
COPY gateway_report (tenant, controller_id, action_id, kind, body, received_at, applied) FROM STDIN
"""
APPEND_EVENTS = """
COPY gateway_event (tenant, controller_id, event_id, body, received_at) FROM STDIN
"""
APPEND_TELEMETRY = """
COPY gateway_telemetry
    (tenant, controller_id, record_id, policy, picture, drop_at, body, received_at)
FROM STDIN
"""
# The bell need not reach the disk: whoever misses it looks by itself.
RING = """
SELECT set_config('synchronous_commit', 'off', true), pg_notify('gateway_report', '')
"""
# Acknowledged means durable, unless an operator asked for even more (remote_apply and the like).
DURABLE = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
