"""What may leave a vehicle: the same filter in the vehicle and in the gateway.

Start with ``policy`` (what may leave, as one signed file). Nothing here knows a framework, a
database or a network.
"""
