"""Documents: files that people hand in, known by their digest, checked before they are kept."""
