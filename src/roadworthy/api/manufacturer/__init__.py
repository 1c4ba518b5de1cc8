"""What a manufacturer's own systems may ask and do; schemas of this audience only."""

from __future__ import annotations

from roadworthy.api import errors, oauth
from roadworthy.api.machines import SystemsAPI
from roadworthy.api.manufacturer import (
    completions,
    drafts,
    exports,
    filings,
    incidents,
    locks,
    releases,
    reports,
    types,
    writing,  # noqa: F401 - its operations stand on the router of releases
)

api = SystemsAPI(
    title="Roadworthy for manufacturers' systems",
    version="1",
    description=(
        "Types, releases, filings, duties and reports of the organisation whose system asks. "
        "Signing and accepting need a passphrase and stay with people."
    ),
    docs_url=None,
    openapi_url="/manufacturer/openapi.json",
    urls_namespace="api-manufacturer",
)
errors.install(api)
api.add_router("/oauth", oauth.router)
api.add_router("", types.router)
api.add_router("", releases.router)
api.add_router("", filings.router)
api.add_router("", drafts.router)
api.add_router("", reports.router)
api.add_router("", locks.router)
api.add_router("", incidents.router)
api.add_router("", completions.router)
api.add_router("", exports.router)
