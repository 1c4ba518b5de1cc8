"""Tables of the standards domain."""
