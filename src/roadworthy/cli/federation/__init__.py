"""Several deployments, one for each organisation, and the demonstration of what they exchange."""
