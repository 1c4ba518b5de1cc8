"""Defects, recall plans and their authorities: a confirmed defect stops production and sale."""
