"""What may leave a vehicle: the same filter in the vehicle and in the gateway."""
