"""The base poll: is there anything to do? One lookup, nothing written."""

from __future__ import annotations

import contextlib

from roadworthy.gateway import exchange, model, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.standing import Standing, admit
from roadworthy.gateway.writer import Report

SLEEP_WITHOUT_MODEL = "00:01:00"
NOTHING_KNOWN = (
    f'{{"config":{{"polling":{{"sleep":"{SLEEP_WITHOUT_MODEL}"}}}},"_links":{{}}}}'.encode()
)


async def poll(host: Host, request: Request) -> Response:
    """Tell a vehicle where to read what it shall do."""
    try:
        standing = admit(host, request)
    except refusals.ComeBackLater:  # not even tokens are known yet; this tells nobody anything
        return exchange.answer(request, NOTHING_KNOWN)
    if not standing.is_known:
        await _register(host, request, standing)
    host.seen.add(request.tenant, request.controller_id)
    tenant = host.model.common.tenants.get(request.tenant)
    sleep = tenant.sleeps[model.spread(standing.key)] if tenant else SLEEP_WITHOUT_MODEL
    return exchange.answer(request, body(host.links.base(request), sleep, standing))


def body(base: str, sleep: str, standing: Standing) -> bytes:
    """Compose the answer; never more than one thing to do at a time."""
    links = []
    if action := standing.cancelling:
        links.append(f'"cancelAction":{{"href":"{base}/cancelAction/{action}"}}')
    elif action := standing.offered:
        version = standing.assignment.deployment_id
        href = f"{base}/deploymentBase/{action}?c={version}"
        links.append(f'"deploymentBase":{{"href":"{href}"}}')
    if installed := standing.installed[0]:
        links.append(f'"installedBase":{{"href":"{base}/installedBase/{installed}"}}')
    if standing.wants_attributes:
        links.append(f'"configData":{{"href":"{base}/configData"}}')
    polling = f'{{"polling":{{"sleep":"{sleep}"}}}}'
    return f'{{"config":{polling},"_links":{{{",".join(links)}}}}}'.encode()


async def _register(host: Host, request: Request, standing: Standing) -> None:
    """Report a vehicle that nobody knows, once; without a database the next poll does it."""
    if host.outcomes.is_registered(standing.key):
        return
    note = Note(standing.key, "", is_registered=True)
    with contextlib.suppress(refusals.Refusal):
        await host.writer.report(
            Report(request.tenant, request.controller_id, "register", b"{}", note=note)
        )
