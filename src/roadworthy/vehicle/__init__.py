"""The vehicle's side: a reference agent, a fleet of them, and packing for SWUpdate.

Start with ``agent`` (what one vehicle does with an update), then ``flash`` (what it remembers),
``images`` and ``trusted`` (what it believes), ``ddi`` (how it speaks), ``outbound``
(which of its data leave), ``fleet`` (many of them).
Nothing here knows the server's inside: it is used as any vehicle uses it, over HTTP.
"""
