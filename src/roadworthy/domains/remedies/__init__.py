"""What happens to each vehicle and owner of a recall: told, remedied, proven, reported."""
