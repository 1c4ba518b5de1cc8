"""Which clause applies to which vehicle type from when, and with what evidence it is met."""
