"""The register of data processing, the decision on each flow, and the counters of exports.

Start here: ``states`` (what there is), ``deciding`` (the rulebook's answer about a flow),
``counting`` (whom an export adds to the year's counters), ``queries.approved_flows`` (what the
policy of a vehicle is compiled from).

* An entry of the register never changes: it is followed by a new version, and the old one stays.
* A flow is approved by somebody else than who declared it, and only if the rulebook allows it.
* What a flow was approved for is one version of one item: a new version asks for a new decision.
"""
