"""Tables of the compliance domain."""
