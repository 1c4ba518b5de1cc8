"""The closed loop for software-defined vehicles: no release without its legal steps, and proof."""

__version__ = "0.1.0"
