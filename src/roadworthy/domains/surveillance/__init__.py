"""Reports of many kinds and countries, and what they add up to: signals beside exposure."""
