"""The demonstration: one release goes through the whole loop, with real programs and real files.

The organisations and people are invented and marked as demo data. Everything else is what runs in
production: the same services, the same signatures, the same gateway, the same checks. Steps that
the law separates by working days carry the dates of those days; the last day is today.
"""
