"""The closed loop for software-defined vehicles: no release without its legal steps, proof of each afterwards."""

__version__ = "0.1.0"
