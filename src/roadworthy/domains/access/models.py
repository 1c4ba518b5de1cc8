"""Tables of the access domain."""
