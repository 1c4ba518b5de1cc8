"""Tables of the disclosure domain."""
