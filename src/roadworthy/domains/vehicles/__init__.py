"""Vehicles: approved types, their ECUs and firmware, each vehicle, what it says is running."""
