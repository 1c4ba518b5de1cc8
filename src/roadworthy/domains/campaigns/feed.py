"""What the gateways are told: rows that are already decided, derived from campaigns and actions.

* Every function here runs in the caller's transaction and comes last in it. The feed's lock is
  taken before any of its rows: the trigger takes it after the row, which alone could deadlock.
* A row of a vehicle follows from the state of its action and nothing else (``reflect``):
  - offered and under way: ``deploy``; offered while the campaign is not running: held;
  - being cancelled: ``cancel``;
  - declined or waiting again after an offer: held;
  - at an end: no action any more, and its id among ``closed_actions``.
* A held row has the action but no kind: the vehicle is told nothing, and a report of one that had
  begun already is still taken.
* Only rows that change are written; each write moves the row in the feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from roadworthy.domains.campaigns.models import GatewayDeployment, GatewayStop
from roadworthy.domains.software.models import Change
from roadworthy.trust.roles import target_path

PART = "os"  # of every chunk: the module type that SWUpdate's and RAUC's clients take
TUF_TARGET = "tuf-target"  # where the image repository vouches for the artifact
CLOSED_KEPT = 8  # ids of closed actions for which a late report is answered with "gone"

_LOCK = "SELECT pg_advisory_xact_lock(7201)"

_TENANT = """
INSERT INTO gateway_tenant AS g (tenant, gateway_token_sha256, polling_sleep, seq)
SELECT ddi_tenant, gateway_token_sha256, %(polling_sleep)s, 0
FROM organisations_organisation WHERE id = %(manufacturer_id)s AND ddi_tenant IS NOT NULL
ON CONFLICT (tenant) DO UPDATE SET
    gateway_token_sha256 = EXCLUDED.gateway_token_sha256, polling_sleep = EXCLUDED.polling_sleep
WHERE (g.gateway_token_sha256, g.polling_sleep)
    IS DISTINCT FROM (EXCLUDED.gateway_token_sha256, EXCLUDED.polling_sleep)
"""

_VEHICLES = """
INSERT INTO gateway_assignment AS g
    (tenant, controller_id, token_sha256, kind, want_attributes, closed_actions, seq)
SELECT o.ddi_tenant, v.controller_id, v.token_sha256, '', true, '{}', 0
FROM vehicles_vehicle v JOIN organisations_organisation o ON o.id = v.manufacturer_id
WHERE v.manufacturer_id = %(manufacturer_id)s AND o.ddi_tenant IS NOT NULL
    AND (%(vehicle_ids)s::bigint[] IS NULL OR v.id = ANY(%(vehicle_ids)s::bigint[]))
ORDER BY v.id
ON CONFLICT (tenant, controller_id) DO UPDATE SET token_sha256 = EXCLUDED.token_sha256
WHERE g.token_sha256 <> EXCLUDED.token_sha256
"""

_TELL = """
INSERT INTO gateway_assignment AS g
    (tenant, controller_id, token_sha256, action_id, kind, deployment_id, want_attributes,
     closed_actions, seq)
SELECT DISTINCT ON (v.id) o.ddi_tenant, v.controller_id, v.token_sha256, a.id,
    CASE
        WHEN a.state = 'cancelling' THEN 'cancel'
        WHEN a.state = 'offered' AND c.state <> 'running' THEN ''
        ELSE 'deploy'
    END,
    a.campaign_id, true, '{}', 0
FROM campaigns_action a
JOIN campaigns_campaign c ON c.id = a.campaign_id
JOIN vehicles_vehicle v ON v.id = a.vehicle_id
JOIN organisations_organisation o ON o.id = v.manufacturer_id
WHERE a.id = ANY(%(actions)s::integer[])
    AND a.state IN ('offered', 'retrieved', 'running', 'cancelling')
ORDER BY v.id, a.id DESC
ON CONFLICT (tenant, controller_id) DO UPDATE SET
    action_id = EXCLUDED.action_id, kind = EXCLUDED.kind, deployment_id = EXCLUDED.deployment_id
WHERE (g.action_id, g.kind, g.deployment_id)
    IS DISTINCT FROM (EXCLUDED.action_id, EXCLUDED.kind, EXCLUDED.deployment_id)
"""

# Only a row that speaks of this very action: the vehicle may be under way for another campaign.
_HOLD = """
UPDATE gateway_assignment g SET kind = ''
FROM campaigns_action a
JOIN vehicles_vehicle v ON v.id = a.vehicle_id
JOIN organisations_organisation o ON o.id = v.manufacturer_id
WHERE a.id = ANY(%(actions)s::integer[]) AND a.state IN ('waiting', 'declined')
    AND g.tenant = o.ddi_tenant AND g.controller_id = v.controller_id
    AND g.action_id = a.id AND g.kind <> ''
"""

_CLOSE = """
UPDATE gateway_assignment g SET
    action_id = CASE WHEN g.action_id = a.id THEN NULL ELSE g.action_id END,
    kind = CASE WHEN g.action_id = a.id THEN '' ELSE g.kind END,
    deployment_id = CASE WHEN g.action_id = a.id THEN NULL ELSE g.deployment_id END,
    installed_action_id = CASE WHEN a.installed THEN a.id ELSE g.installed_action_id END,
    installed_deployment_id =
        CASE WHEN a.installed THEN a.campaign_id ELSE g.installed_deployment_id END,
    closed_actions = (array_prepend(a.id, array_remove(g.closed_actions, a.id)))[1:%(kept)s]
FROM (
    SELECT DISTINCT ON (v.id) o.ddi_tenant, v.controller_id, a.id, a.campaign_id, a.offered_at,
        a.state IN ('installed', 'proven') AS installed
    FROM campaigns_action a
    JOIN vehicles_vehicle v ON v.id = a.vehicle_id
    JOIN organisations_organisation o ON o.id = v.manufacturer_id
    WHERE a.id = ANY(%(actions)s::integer[])
        AND a.state IN ('installed', 'proven', 'failed', 'cancelled', 'timed-out')
    ORDER BY v.id, a.id DESC
) a
WHERE g.tenant = a.ddi_tenant AND g.controller_id = a.controller_id
    AND (g.action_id = a.id
        OR (a.offered_at IS NOT NULL AND NOT a.id = ANY(g.closed_actions)))
"""

_WANT = """
UPDATE gateway_assignment g SET want_attributes = w.want
FROM unnest(%(tenants)s::text[], %(controllers)s::text[], %(wants)s::boolean[])
    AS w (tenant, controller_id, want)
WHERE g.tenant = w.tenant AND g.controller_id = w.controller_id AND g.want_attributes <> w.want
"""


def publish_tenant(manufacturer_id: int, polling_sleep: str) -> None:
    """Tell the gateways of a manufacturer, its gateway token and how often its vehicles ask."""
    _write(_TENANT, {"manufacturer_id": manufacturer_id, "polling_sleep": polling_sleep})


def publish_vehicles(manufacturer_id: int, vehicle_ids: Sequence[int] | None) -> int:
    """Tell the gateways of vehicles and their tokens; return how many rows that changed."""
    ids = None if vehicle_ids is None else list(vehicle_ids)
    return _write(_VEHICLES, {"manufacturer_id": manufacturer_id, "vehicle_ids": ids})


def publish_deployment(campaign_id: int, changes: Iterable[Change]) -> None:
    """Tell the gateways what the vehicles of a campaign install."""
    _write(_LOCK, {})
    GatewayDeployment.objects.get_or_create(
        pk=campaign_id, defaults={"chunks": [_chunk(change) for change in changes], "seq": 0}
    )


def reflect(action_ids: Iterable[int]) -> None:
    """Make the rows of these actions' vehicles say what their states say."""
    actions = {"actions": list(action_ids), "kept": CLOSED_KEPT}
    if actions["actions"]:
        _write(_CLOSE, actions)
        _write(_HOLD, actions)
        _write(_TELL, actions)


def want_attributes(wanted: Mapping[tuple[str, str], bool]) -> None:
    """Ask these vehicles, by tenant and controller id, what they run; or stop asking."""
    if wanted:
        columns = {
            "tenants": [tenant for tenant, _ in wanted],
            "controllers": [controller for _, controller in wanted],
            "wants": list(wanted.values()),
        }
        _write(_WANT, columns)


def stop(campaign_id: int, at: datetime) -> None:
    """Forbid the installation on every vehicle, now; waits for nothing."""
    GatewayStop.objects.get_or_create(pk=campaign_id, defaults={"at": at})


def lift_stop(campaign_id: int) -> None:
    """Allow the installation again."""
    GatewayStop.objects.filter(pk=campaign_id).delete()


def _chunk(change: Change) -> dict[str, Any]:
    image, release = change.image, change.release
    target = target_path(release.manufacturer.slug, release.labels, image.filename)
    return {
        "part": PART,
        "name": change.ecu_name,
        "version": change.to_version,
        "artifacts": [
            {
                "filename": image.filename,
                "size": image.length,
                "hashes": {"sha1": image.sha1, "md5": image.md5, "sha256": image.sha256},
            }
        ],
        "metadata": [{"key": TUF_TARGET, "value": target}],
    }


def _write(sql: str, parameters: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)
