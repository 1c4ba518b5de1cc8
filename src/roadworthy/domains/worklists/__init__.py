"""Work lists: what is whose, what is due and why; calendar and digest."""
