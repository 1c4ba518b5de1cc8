"""The nation's figures: what each means, what the platform counts, what authorities published."""
