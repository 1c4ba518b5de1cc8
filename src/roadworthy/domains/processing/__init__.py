"""The register of data processing, the decision on each flow, and the counters of exports."""
