import pytest

from roadworthy.vehicle.conditions import Conditions, Needs, lacking


def test_a_parked_charged_vehicle_whose_doors_open_may_be_updated():
    assert lacking(Conditions(), Needs()) == ()


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        (Conditions(is_parked=False), "not parked"),
        (Conditions(charge_percent=29.9), "charge below 30 % (update and recovery)"),
        (Conditions(doors_can_open=False), "doors cannot be opened from inside"),
    ],
)
def test_whatever_is_lacking_is_named(conditions, reason):
    assert lacking(conditions, Needs(update_percent=10, recovery_percent=20)) == (reason,)


def test_power_has_to_last_for_putting_the_old_software_back():
    enough_to_update = Conditions(charge_percent=10)
    assert not lacking(enough_to_update, Needs(update_percent=10, recovery_percent=0))
    assert lacking(enough_to_update, Needs(update_percent=10, recovery_percent=1))
