"""The REST API, version 1: one module a domain, a schema for each audience, errors as RFC 9457."""
