"""The same small world as for campaigns."""

from tests.domains.campaigns.conftest import light, stranger

__all__ = ["light", "stranger"]
