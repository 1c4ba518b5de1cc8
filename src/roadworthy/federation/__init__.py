"""The exchange's connections: HTTPS with mutual TLS between deployments, and what runs behind it.

No portal and no vehicle is reached here. What is decided is decided in ``domains.exchange``.
"""
