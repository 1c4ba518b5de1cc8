"""The HTTP API: JSON for the vehicle's screen and for programs that read the public record."""
