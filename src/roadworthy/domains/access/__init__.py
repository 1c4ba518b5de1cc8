"""Market access: what a vehicle type is approved for, version by version, under what conditions."""
