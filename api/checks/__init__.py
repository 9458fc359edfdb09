"""What forms of a check begin with."""
