"""The public record: look up a release, read its steps, take the proof away."""
