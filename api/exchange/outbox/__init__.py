"""What goes out to the platforms."""
