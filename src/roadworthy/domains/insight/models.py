"""Tables of the insight domain: the figures themselves are Parquet files and the register."""
