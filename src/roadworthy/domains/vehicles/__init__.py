"""Vehicles: approved types, their ECUs and known firmware, each vehicle, what it says is running."""
