"""Credit files, repairs decided together, training, talks."""
