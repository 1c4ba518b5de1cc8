"""The authorities' portal: what waits for a decision, what was filed, and the decision."""
