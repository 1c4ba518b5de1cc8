"""The test institution's portal: reports entered, signed, handed over and revoked."""
