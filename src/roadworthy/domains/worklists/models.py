"""Tables of the worklists domain."""
