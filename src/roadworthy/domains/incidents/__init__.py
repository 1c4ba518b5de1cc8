"""Events on the road: taken in, reported to both authorities, preserved, investigated."""
