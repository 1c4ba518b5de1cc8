"""What runs on the road against what was approved and filed, and what came of each difference."""
