"""Exchange with other systems: what comes in, and what goes out."""
