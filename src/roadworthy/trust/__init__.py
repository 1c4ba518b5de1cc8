"""Trust: what was allowed is enforced by signatures, and what was done can be proven offline."""
