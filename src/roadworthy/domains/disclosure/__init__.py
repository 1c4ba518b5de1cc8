"""Disclosure: what owners and buyers are told of a type and its functions, version by version."""
