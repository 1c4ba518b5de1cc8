"""The base poll: is there anything to do? One lookup, nothing written."""

from __future__ import annotations

import contextlib

from roadworthy.gateway import exchange, model, refusals
from roadworthy.gateway.exchange import Request, Response
from roadworthy.gateway.host import Host
from roadworthy.gateway.outcomes import Note
from roadworthy.gateway.standing import Standing, let_in, standing_of
from roadworthy.gateway.writer import Report

SLEEP_WITHOUT_MODEL = "00:01:00"
NOTHING_KNOWN = (
    f'{{"config":{{"polling":{{"sleep":"{SLEEP_WITHOUT_MODEL}"}}}},"_links":{{}}}}'.encode()
)


async def poll(host: Host, request: Request) -> Response:
    """Tell a vehicle where to read what it shall do."""
    try:
        caller = let_in(host, request)
    except refusals.ComeBackLater:  # not even tokens are known yet; this tells nobody anything
        return exchange.answer(request, NOTHING_KNOWN)
    # The first poll in a while need not be counted: it is one in ten seconds.
    is_first = host.seen.add(request.tenant, request.controller_id)
    if not is_first and not host.vehicles.take(caller.key):
        raise refusals.TooFast
    standing = standing_of(host, caller)
    if not standing.is_known:
        await _register(host, request, standing)
    tenant = host.model.common.tenants.get(request.tenant)
    sleep = tenant.sleeps[model.spread(caller.key)] if tenant else SLEEP_WITHOUT_MODEL
    return exchange.answer(request, body(host.links.base(request), sleep, standing))


def body(base: str, sleep: str, standing: Standing) -> bytes:
    """Compose the answer; never more than one thing to do at a time."""
    links = quiet_links(base, standing.installed[0], standing.wants_attributes)
    if action := standing.cancelling:
        links.insert(0, f'"cancelAction":{{"href":"{base}/cancelAction/{action}"}}')
    elif action := standing.offered:
        href = f"{base}/deploymentBase/{action}?c={standing.assignment.deployment_id}"
        links.insert(0, f'"deploymentBase":{{"href":"{href}"}}')
    return content(sleep, links)


def quiet_links(base: str, installed: str, wants_attributes: object) -> list[str]:
    """Compose the links that ask a vehicle to do nothing, or only to say what it is."""
    links = []
    if installed:
        links.append(f'"installedBase":{{"href":"{base}/installedBase/{installed}"}}')
    if wants_attributes:
        links.append(f'"configData":{{"href":"{base}/configData"}}')
    return links


def content(sleep: str, links: list[str]) -> bytes:
    """Compose the answer from its links."""
    polling = f'{{"config":{{"polling":{{"sleep":"{sleep}"}}}},"_links":{{'
    return (polling + ",".join(links) + "}}").encode()


async def _register(host: Host, request: Request, standing: Standing) -> None:
    """Report a vehicle that nobody knows, once; without a database the next poll does it."""
    if host.outcomes.is_registered(standing.key):
        return
    note = Note(standing.key, "", is_registered=True)
    with contextlib.suppress(refusals.Refusal):
        await host.writer.report(
            Report(request.tenant, request.controller_id, "register", b"{}", note=note)
        )
