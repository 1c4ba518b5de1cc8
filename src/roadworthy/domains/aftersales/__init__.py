"""After-sales: complaints and disputes about software, and what they add up to."""
