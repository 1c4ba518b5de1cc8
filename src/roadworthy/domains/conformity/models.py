"""Tables of the conformity domain."""
