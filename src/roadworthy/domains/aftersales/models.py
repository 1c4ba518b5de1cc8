"""Tables of the aftersales domain."""
