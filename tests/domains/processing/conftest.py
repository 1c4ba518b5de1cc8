import pytest

from roadworthy.domains.organisations.roles import Kind
from tests.domains.campaigns.conftest import people
from tests.flowing import Maker


@pytest.fixture
def maker(db: None) -> Maker:
    manufacturer_id, actors = people(Kind.MANUFACTURER, "starway", None)
    made = Maker(manufacturer_id, actors)
    made.state()
    return made


@pytest.fixture
def other(db: None) -> Maker:
    manufacturer_id, actors = people(Kind.MANUFACTURER, "moonway", None)
    made = Maker(manufacturer_id, actors)
    made.state()
    return made
