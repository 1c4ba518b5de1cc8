from tests.domains.campaigns.conftest import light, stranger  # noqa: F401 - fixtures
