"""Which way a flow goes: out of the vehicle, out of the country."""

from __future__ import annotations

from roadworthy.domains.processing import countries
from roadworthy.domains.processing.models import Flow
from roadworthy.domains.processing.states import Place, Storage


def leaves(flow: Flow) -> bool:
    """Say whether the data leave the vehicle."""
    return flow.processed_in != Place.CAR


def is_export(flow: Flow) -> bool:
    """Say whether the flow leaves the country: sent, opened from abroad, or processed there."""
    return any(abroad(flow).values())


def abroad(flow: Flow) -> dict[str, bool]:
    """Return the three acts of export, by the rulebook's names, and which of them this is.

    Data that stay in China while their recipient is abroad are opened from there.
    """
    goes = flow.recipient is not None and countries.is_abroad(flow.recipient.country)
    sent = flow.stored in {Storage.ABROAD, Storage.CHINA_AND_ABROAD}
    reached = any(map(countries.is_abroad, flow.opened_from)) or (goes and not sent)
    return {
        "transferred_abroad": leaves(flow) and sent,
        "opened_from_abroad": leaves(flow) and reached and flow.stored != Storage.ABROAD,
        "processed_abroad": leaves(flow) and goes and sent,
    }


def places(flow: Flow) -> frozenset[str]:
    """Return the countries that the data reach."""
    found = {code for code in flow.opened_from if countries.is_abroad(code)}
    if flow.recipient and countries.is_abroad(flow.recipient.country):
        found.add(flow.recipient.country)
    return frozenset(found)
