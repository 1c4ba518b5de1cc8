"""Tables of the processing domain."""
